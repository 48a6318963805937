# attach-filters.pl FOLDER NUMBER { PROGRAM-TYPE ATTACH-TYPE INSTRUCTIONS }...
# Gives programs (BPF instructions, in hex) to the kernel, and has them asked for the control group of that folder.
# NUMBER is that of the system call bpf on this machine. Perl, because it is on every Debian, and makes system calls.
use strict;
use warnings;

my ($folder, $number, @programs) = @ARGV;
my ($load, $attach, $allow_multi) = (5, 8, 2);

sub bpf {
	my ($what, $command, $attributes) = @_;
	my $result = syscall($number + 0, $command + 0, $attributes, length($attributes) + 0);
	die "$what: $!\n" if $result < 0;
	return $result;
}

sub address { return unpack('Q', pack('P', $_[0])) }

die "this machine's number of bpf is not known\n" unless $number;
sysopen(my $group, $folder, 0) or die "$folder: $!\n";
while (my ($program_type, $attach_type, $hex) = splice(@programs, 0, 3)) {
	my $instructions = pack('H*', $hex);
	my $license = "GPL\0";
	my $program = bpf('cannot load a filter', $load, pack('L L Q Q L L Q L L a16 L L', $program_type,
		length($instructions) / 8, address($instructions), address($license), 0, 0, 0, 0, 0, 'k8s_ha', 0, $attach_type));
	bpf('cannot attach a filter', $attach, pack('L L L L', fileno($group), $program, $attach_type, $allow_multi));
}
