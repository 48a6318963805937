#!/bin/sh
# First process of a VM, stage 1: stacks the root, mounts what a kernel would have mounted, and turns into it.
# Runs with the host's programs, in namespaces of its own, in the VM's cgroup, in the cluster's state folder.
# Environment: VM (its name), VM_DIR (its folder below this one), LOWER (layers, relative), VOLUMES, DISKS (as
# folder:image), HIDDEN (paths that are other VMs'), BOOT (stage 2), CGROUP_LEGACY (version 1 hierarchies as options:folder), GOMAXPROCS and PATIENCE (for its
# programs; the second: how many times longer than usual things may take here)
{ # Read whole before it runs: a shell reads a file as it goes, and this one may be edited meanwhile.
set -eu
umask 022
# Neither this process nor any that it starts may do what concerns the machine as a whole.
if [ -z "${HELD_BACK:-}" ]; then
	export HELD_BACK=1
	exec setpriv --bounding-set="$(cat "$(dirname "$0")/held-back/dropped-capabilities")" sh "$0"
fi
mount --make-rprivate /

# /proc is still the host's, so this is the number under which the host knows this process.
read -r pid _ </proc/self/stat
mkdir -p "$VM_DIR/upper" "$VM_DIR/work" "$VM_DIR/root"
# A device 0:0 is how overlayfs notes that something of the layers below is not there.
for path in ${HIDDEN:-}; do
	[ -d "$VM_DIR/upper/${path%/*}" ] || mkdir -p "$VM_DIR/upper/${path%/*}"
	[ -e "$VM_DIR/upper/$path" ] || mknod "$VM_DIR/upper/$path" c 0 0
done
# "volatile" is not for us: the disk must keep what was synced.
mount -t overlay vm-root -o "lowerdir=$LOWER,upperdir=$VM_DIR/upper,workdir=$VM_DIR/work,xino=off,nodev" "$VM_DIR/root"
for volume in $VOLUMES; do
	mkdir -p "$VM_DIR/disk/$volume" "$VM_DIR/root/$volume"
	mount -o bind,nodev "$VM_DIR/disk/$volume" "$VM_DIR/root/$volume"
done
for disk in $DISKS; do
	folder=$VM_DIR/root/${disk%%:*}
	mkdir -p "$folder"
	# The kernel lets go of the loop device with the last mount, so with this namespace, however that ends.
	mount -t ext4 -o loop,nosuid,nodev "$VM_DIR/${disk#*:}" "$folder"
	# Of no use here, and etcd wonders at it.
	[ ! -d "$folder/lost+found" ] || rmdir "$folder/lost+found"
done
hostname "$VM"

root=$PWD/$VM_DIR/root
# By which a VM is told from others, by kubelet for one: the same at each boot.
id=$(printf %s "$PWD/$VM_DIR" | md5sum)
mkdir -p "$root/etc"
rm -f "$root/etc/machine-id"
printf '%s\n' "${id%% *}" >"$root/etc/machine-id"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/mnt"
mount -t tmpfs -o mode=755,nosuid,nodev dev "$root/dev"
# Those of the machine's own mount, each by itself; the VM makes no others.
for node in null zero full random urandom tty; do
	[ -e "/dev/$node" ] || continue
	: >"$root/dev/$node"
	mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=755,nosuid,nodev run "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"

# What is not the namespaces' own belongs to the machine. The VM sees copies, on a file system that has nothing to write
# to (overlayfs without an upper layer), so that mounting it again with other options makes no difference.
masks=$root/run/masks
mkdir -p "$masks/files" "$masks/empty" "$masks/sealed"
# kubelet reads the kernel's log, for processes that ran out of memory: here it ends at once. sysrq-trigger reboots.
: >"$masks/files/kmsg"
: >"$masks/files/sysrq-trigger"
mkdir "$masks/files/vm"
set --
# Reading stat_refresh interrupts every CPU.
for setting in "$root"/proc/sys/vm/*; do [ "${setting##*/}" = stat_refresh ] || set -- "$@" "$setting"; done
# What can only be written is left out.
cp -r --preserve=mode "$@" "$masks/files/vm" 2>/dev/null || true
cp -r --preserve=mode --one-file-system "$root/proc/sys/kernel" "$root/proc/sys/fs" "$masks/files" 2>/dev/null || true
: >"$masks/uuid"
mount --bind "$root/proc/sys/kernel/random/uuid" "$masks/uuid"
(cd "$masks" && mount -t overlay masks -o lowerdir=files:empty sealed)
for folder in kernel vm fs; do mount --bind "$masks/sealed/$folder" "$root/proc/sys/$folder"; done
# Another one each time; nobody can write it.
mount --bind "$masks/uuid" "$root/proc/sys/kernel/random/uuid"
[ ! -e "$root/proc/sysrq-trigger" ] || mount --bind "$masks/sealed/sysrq-trigger" "$root/proc/sysrq-trigger"
: >"$root/dev/kmsg"
mount --bind "$masks/sealed/kmsg" "$root/dev/kmsg"
# kubelet writes these, so they are the VM's own.
mkdir "$root/run/sysctl"
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
	kernel/keys/root_maxbytes; do
	[ -e "$root/proc/sys/$setting" ] || continue
	copy=$root/run/sysctl/$(echo "$setting" | tr / .)
	cat "$root/proc/sys/$setting" >"$copy"
	mount --bind "$copy" "$root/proc/sys/$setting"
done
for folder in bus fs irq; do
	[ ! -d "$root/proc/$folder" ] || mount -o bind,ro "$root/proc/$folder" "$root/proc/$folder"
done

# The hierarchies as the host has them; this cgroup namespace makes the VM's own groups their roots.
if [ -n "$CGROUP_LEGACY" ]; then
	mount -t tmpfs -o mode=755 cgroup "$root/sys/fs/cgroup"
	for hierarchy in $CGROUP_LEGACY; do
		mkdir -p "$root/sys/fs/cgroup/${hierarchy#*:}"
		mount -t cgroup -o "${hierarchy%%:*}" cgroup "$root/sys/fs/cgroup/${hierarchy#*:}"
	done
	mkdir -p "$root/sys/fs/cgroup/unified"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
# Modules' parameters, power states, who is called for events: the machine's. What is mounted below stays writable.
mount -o remount,bind,ro "$root/sys"

stage2=$(cat "$BOOT")
# Written last, and by rename: when it is there, the namespaces are complete.
echo "$pid" >"$VM_DIR/pid.new"
mv "$VM_DIR/pid.new" "$VM_DIR/pid"
cd "$root"
pivot_root . mnt
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=linux \
	GOMAXPROCS="$GOMAXPROCS" PATIENCE="${PATIENCE:-1}" \
	/bin/bash -c "$stage2" init
}
