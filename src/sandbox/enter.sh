# First process of a sandbox, in fresh namespaces: builds the root from the layers, moves into it and runs the command.
# Arguments: the sandbox's folder (describeSandbox in run-sandboxed.ts fills it), the working folder inside, the command.
# One block, which bash reads to its end before it runs any of it: the file may be replaced while the command runs.
{
	set -eu
	sandbox=$1 workdir=$2
	shift 2
	cd "$sandbox"
	if [ -d layers ]; then
		mount -t overlay overlay -o "lowerdir=$(cat lowerdir),upperdir=upper,workdir=work" root
	else
		mount --bind root root
	fi
	mkdir -p root/proc root/dev root/tmp root/root
	chmod 1777 root/tmp
	mount -t proc -o nosuid,nodev,noexec proc root/proc
	mount -t tmpfs -o nosuid,noexec,mode=755 dev root/dev
	mkdir root/dev/pts root/dev/shm
	for device in null zero full random urandom tty; do
		: >"root/dev/$device"
		mount --bind "/dev/$device" "root/dev/$device"
	done
	mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=620 devpts root/dev/pts
	mount -t tmpfs -o nosuid,nodev,mode=1777 shm root/dev/shm
	ln -s pts/ptmx root/dev/ptmx
	ln -s /proc/self/fd root/dev/fd
	ln -s /proc/self/fd/0 root/dev/stdin
	ln -s /proc/self/fd/1 root/dev/stdout
	ln -s /proc/self/fd/2 root/dev/stderr

	while IFS= read -r -d '' mode && IFS= read -r -d '' from && IFS= read -r -d '' to; do
		if [ -d "$from" ]; then
			mkdir -p "root$to"
		else
			mkdir -p "$(dirname "root$to")"
			rm -f "root$to" # A link of the root must not lead the mount elsewhere.
			: >"root$to"
		fi
		mount --bind "$from" "root$to"
		case $mode in
		ro) mount -o remount,bind,ro "root$to" ;;
		recording) mount -o remount,bind,strictatime "root$to" ;;
		esac
	done <mounts
	[ ! -e probe ] || cat "root$(cat probe)" >/dev/null # Its access time must have moved afterwards.
	[ -e network ] || ip link set lo up

	variables=()
	while IFS= read -r -d '' variable; do variables+=("$variable"); done <environment
	mkdir -p "root$workdir"
	hostname sandbox
	: >ready
	cd root
	mkdir -p .host
	pivot_root . .host
	chroot .host umount -l / # The old root; with its own program, since this root may have none.
	rmdir /.host
	cd "$workdir"
	# This process stays, as the one that reaps; when it ends, the kernel ends everything that the command left running.
	set +e
	env -i -- "${variables[@]}" "$@"
	exit "$?"
}
