# First processes of a sandbox: they make its namespaces, build its root from the layers, move into it and run the command.
# Arguments: the machine's architecture, the process that waits, the sandbox's folder (describe-sandbox.ts fills it), the
# working folder inside, the command. A variable of the command has the prefix "inside:" here.
#
# Three processes: the outer one waits for process 1 of the sandbox; process 1 makes all mounts, and reaps; the command
# runs in one more user namespace, which owns nothing of this: neither mounts nor network, nor a capability over the host.
# The root may be made by an attacker: nothing of it is run, and no path in it is followed, before the host's root is gone.
use strict;
use warnings;

my ($arch, $waits, $sandbox, $workdir, @command) = @ARGV;
my %inside = map { /^inside:(.*)/s ? ($1 => $ENV{$_}) : () } keys %ENV;

# Numbers of system calls: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
my %number = (
	x64 => {
		mount => 165, umount2 => 166, pivot_root => 155, unshare => 272, sethostname => 170, prctl => 157,
		setgroups => 116,
	},
	arm64 => {
		mount => 40, umount2 => 39, pivot_root => 41, unshare => 97, sethostname => 161, prctl => 167,
		setgroups => 159,
	},
	every => {
		open_tree => 428, move_mount => 429, fsopen => 430, fsconfig => 431, fsmount => 432, close_range => 436, mount_setattr => 442,
		landlock_create_ruleset => 444, landlock_restrict_self => 446,
	},
);
sub try {
	my ($name, @arguments) = @_; # Copies, because syscall takes no constant.
	my $of = $number{$arch} or die "sandboxes are not known on $arch\n";
	return syscall($of->{$name} // $number{every}{$name}, @arguments) >= 0;
}
sub must {
	my ($what, @call) = @_;
	try(@call) or die "$what: $!\n";
}

use constant {
	AT_FDCWD => -100, PR_SET_PDEATHSIG => 1, PR_CAPBSET_DROP => 24, PR_SET_NO_NEW_PRIVS => 38, PR_SET_SECCOMP => 22,
	NEWUSER => 0x10000000, NEWNET => 0x40000000,
	# Mounts, processes, control groups, host name, System V IPC.
	NEWOTHERS => 0x20000 | 0x20000000 | 0x2000000 | 0x4000000 | 0x8000000,
	RDONLY => 1, NOSUID => 2, NODEV => 4, NOEXEC => 8, REMOUNT => 32, BIND => 4096, REC => 16384, PRIVATE => 1 << 18,
};

sub content {
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return readline($file) // '';
}
sub put {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	syswrite($file, $text) // die "$path: $!\n";
}

# The whole of a host's file or folder, as a mount that is nowhere yet.
sub hold {
	my ($from, $set, $clear) = @_;
	my $of = $number{every}{open_tree};
	my $fd = syscall($of, AT_FDCWD, my $path = $from, 1 | 0x80000 | 0x8000);
	die "show \"$from\": $!\n" if $fd < 0;
	set_flags($fd, NOSUID | $set, $clear) or die "show \"$from\" read-only: $!\n";
	return $fd;
}
sub set_flags {
	my ($fd, $set, $clear) = @_;
	return try('mount_setattr', $fd, '', 0x1000 | 0x8000, pack('Q4', $set, $clear // 0, 0, 0), 32);
}
sub place {
	my ($fd, $to) = @_;
	must("mount on \"$to\"", 'move_mount', $fd, '', AT_FDCWD, $to, 0x4 | 0x10);
}

# From here on, paths lead through the root of the sandbox.
sub make_folder {
	my ($path) = @_;
	my $at = '';
	for my $name (grep { length } split m{/}, $path) {
		$at .= "/$name";
		-d $at or mkdir $at or die "make the folder \"$at\": $!\n";
	}
}
sub make_place {
	my ($to, $is_folder) = @_;
	return make_folder($to) if $is_folder;
	make_folder($to =~ s{/[^/]*$}{}r);
	unlink $to if -l $to or -e $to; # A link of the root must not lead the mount elsewhere.
	put($to, '');
}
sub new_mount {
	my ($type, $to, $flags, $options) = @_;
	must("mount $type on \"$to\"", 'mount', $type, $to, $type, $flags, $options // 0);
}

must('end with the caller', 'prctl', PR_SET_PDEATHSIG, 9, 0, 0, 0);
exit 1 if getppid() != $waits;
chdir $sandbox or die "$sandbox: $!\n";
my $shares_network = -e 'network';
my $namespaces = NEWOTHERS | ($shares_network ? 0 : NEWNET);
my $uid = $>;
my ($gid) = split ' ', "$)";
my $ordinary = 0;
if (!try('unshare', $namespaces)) {
	# An ordinary user is root in a user namespace only, which owns the others.
	$ordinary = 1;
	must('make namespaces', 'unshare', $namespaces | NEWUSER);
	put('/proc/self/setgroups', 'deny');
	put('/proc/self/uid_map', "0 $uid 1");
	put('/proc/self/gid_map', "0 $gid 1");
}
pipe my $alive, my $outer or die "pipe: $!\n";
my $first = fork() // die "fork: $!\n";
if ($first) {
	waitpid $first, 0;
	exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
}

# Process 1.
must('end with the caller', 'prctl', PR_SET_PDEATHSIG, 9, 0, 0, 0);
close $outer;
my $ended = '';
vec($ended, fileno $alive, 1) = 1;
exit 1 if select $ended, undef, undef, 0; # The outer process ended before.
must('make mounts private', 'mount', 'none', '/', 0, REC | PRIVATE, 0);
my $umask = umask 022;
my $filter = content('filter');
my $probe = -e 'probe' ? content('probe') : undef;
open my $ready, '>', 'ready' or die "ready: $!\n";

# Made while the old one is there: the kernel shows an ordinary user no more of /proc than was shown before.
my $context = syscall($number{every}{fsopen}, my $type = 'proc', 1);
must('make /proc', 'fsconfig', $context, 6, 0, 0, 0);
my $proc = syscall($number{every}{fsmount}, $context, 1, NOSUID | NODEV | NOEXEC); # MOUNT_ATTR_*: the same numbers
die "make /proc: $!\n" if $proc < 0;
my @devices = map { [hold("/dev/$_", RDONLY), $_] } qw(null zero full random urandom tty);
my @mounts;
my @fields = split /\0/, content('mounts');
while (my ($mode, $from, $to) = splice @fields, 0, 3) {
	my $fd = hold($from, NODEV | ($mode eq 'ro' ? RDONLY : 0));
	set_flags($fd, 0x20, 0x70) if $mode eq 'recording'; # Where that is not allowed, relatime must do.
	push @mounts, [$fd, $to, -d $from];
}
if (-d 'stack') {
	my $options = 'lowerdir=' . content('lowerdir') . ',upperdir=upper,workdir=work' . ($ordinary ? ',userxattr' : '');
	must('mount overlay', 'mount', 'overlay', 'root', 'overlay', NOSUID | NODEV, $options);
} else {
	must('mount the root', 'mount', 'root', 'root', 0, BIND, 0);
}
chdir 'root' or die "root: $!\n";
@INC = (); # Perl loads nothing from the root.
must('enter the root', 'pivot_root', '.', '.');
must('leave the old root', 'umount2', '.', 2);
chdir '/' or die "/: $!\n";

make_folder($_) for qw(/proc /dev /tmp /root);
chmod 01777, '/tmp';
place($proc, '/proc');
new_mount('tmpfs', '/dev', NOSUID | NOEXEC, 'mode=755,size=1m');
mkdir "/dev/$_" for qw(pts shm);
for (@devices) {
	my ($fd, $name) = @$_;
	put("/dev/$name", '');
	place($fd, "/dev/$name");
}
new_mount('devpts', '/dev/pts', NOSUID | NOEXEC, 'newinstance,ptmxmode=0666,mode=620');
new_mount('tmpfs', '/dev/shm', NOSUID | NODEV, 'mode=1777');
symlink $_->[1], "/dev/$_->[0]"
	for ['ptmx', 'pts/ptmx'], ['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'],
	['stderr', '/proc/self/fd/2'];
for (@mounts) {
	my ($fd, $to, $is_folder) = @$_;
	make_place($to, $is_folder);
	place($fd, $to);
}
# What /proc tells of the machine beyond its processes, settings and sizes.
for my $hidden (qw(kcore keys key-users kallsyms kmsg kpagecount kpageflags sched_debug timer_list sysrq-trigger)) {
	must("hide $hidden", 'mount', '/dev/null', "/proc/$hidden", 0, BIND, 0) if -e "/proc/$hidden";
}
for my $hidden (qw(acpi scsi bus irq fs driver)) {
	new_mount('tmpfs', "/proc/$hidden", RDONLY | NOSUID | NODEV | NOEXEC, 'size=4k') if -d "/proc/$hidden";
}
content($probe) if defined $probe; # Its access time must have moved afterwards.
must('name the host', 'sethostname', 'sandbox', 7);
if (!$shares_network && socket my $any, 2, 2, 0) {
	ioctl $any, 0x8914, my $up = pack('a16 s x22', 'lo', 0x41); # SIOCSIFFLAGS
}
make_folder($workdir);
chdir $workdir or die "$workdir: $!\n";
umask $umask;
$0 = 'sandbox';

pipe my $mapped, my $mapper or die "pipe: $!\n";
pipe my $made, my $maker or die "pipe: $!\n";
my $command = fork() // die "fork: $!\n";
if (!$command) {
	close $mapper;
	try('setgroups', 0, 0); # An ordinary user cannot, and keeps its groups.
	must('make a user namespace', 'unshare', NEWUSER);
	syswrite $maker, "made\n";
	readline $mapped or exit 1;
	open STDIN, '<', '/dev/null' if -c STDIN; # Not the host's own, whose mode it could change.
	restrict();
	%ENV = %inside;
	syswrite $ready, '1';
	must('close descriptors', 'close_range', 3, 0xffffffff, 0);
	{ no warnings; exec { $command[0] } @command; }
	my $code = $! + 0 == 2 ? 127 : 126; # ENOENT
	syswrite STDERR, "$command[0]: $!\n";
	exit $code;
}
close $_ for $maker, $mapped, $ready, $alive;
readline $made or exit 1;
for my $map (qw(uid_map gid_map)) {
	# Every id stands for itself, as far as there are ids.
	my @lines = map { my ($from, undef, $count) = split; "$from $from $count\n" } split /\n/, content("/proc/self/$map");
	put("/proc/$command/$map", join '', @lines);
}
must('make /proc read-only', 'mount', 'none', '/proc', 0, REMOUNT | BIND | RDONLY | NOSUID | NODEV | NOEXEC, 0);
syswrite $mapper, "mapped\n";
open STDIN, '<', '/dev/null';
# This process stays, as the one that reaps; when it ends, the kernel ends everything that the command left running.
while ((my $pid = wait) > 0) {
	exit($? & 127 ? 128 + ($? & 127) : $? >> 8) if $pid == $command;
}
exit 1;

# The command has the capabilities over files and ids that a build as root needs, within its user namespace.
sub restrict {
	my %kept = map { $_ => 1 } 0 .. 8, 10, 18, 28, 29; # CHOWN … SETPCAP, NET_BIND_SERVICE, SYS_CHROOT, LEASE, AUDIT_WRITE
	for my $capability (0 .. 63) {
		try('prctl', PR_CAPBSET_DROP, $capability, 0, 0, 0) unless $kept{$capability};
	}
	must('gain no privileges', 'prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if ($shares_network) {
		# Abstract sockets of the machine's programs, where the kernel knows how (Linux 6.12).
		my $ruleset = syscall($number{every}{landlock_create_ruleset}, my $scoped = pack('Q3', 0, 0, 1), 24, 0);
		try('landlock_restrict_self', $ruleset, 0) if $ruleset >= 0;
	}
	my $program = pack('S x6 P', length($filter) / 8, $filter);
	must('filter system calls', 'prctl', PR_SET_SECCOMP, 2, $program, 0, 0);
}
