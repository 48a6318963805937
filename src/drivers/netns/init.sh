#!/bin/sh
# First process of a VM, stage 1: stacks the root, mounts what a kernel would have mounted, and turns into it.
# Runs with the host's programs, in namespaces of its own, in the VM's cgroup, in the cluster's state folder.
# Environment: VM (its name), VM_DIR (its folder below this one), LOWER (layers, relative), VOLUMES, DISKS (as
# folder:image), HIDDEN (paths that are other VMs'), BOOT (stage 2), CGROUP_LEGACY (version 1 hierarchies as options:folder), GOMAXPROCS and PATIENCE (for its
# programs; the second: how many times longer than usual things may take here)
{ # Read whole before it runs: a shell reads a file as it goes, and this one may be edited meanwhile.
set -eu
umask 022
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
mount -t overlay vm-root -o "lowerdir=$LOWER,upperdir=$VM_DIR/upper,workdir=$VM_DIR/work,xino=off" "$VM_DIR/root"
for volume in $VOLUMES; do
	mkdir -p "$VM_DIR/disk/$volume" "$VM_DIR/root/$volume"
	mount --bind "$VM_DIR/disk/$volume" "$VM_DIR/root/$volume"
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
mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
for node in null zero full random urandom tty kmsg; do
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

# What is not the namespaces' own belongs to the host, and kubelet would change it: the VM gets copies of what kubelet
# writes, and may write nothing else.
mkdir "$root/run/sysctl"
for folder in kernel vm fs; do
	mount --bind "$root/proc/sys/$folder" "$root/proc/sys/$folder"
	mount -o remount,bind,ro "$root/proc/sys/$folder"
done
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
	kernel/keys/root_maxbytes; do
	[ -e "$root/proc/sys/$setting" ] || continue
	copy=$root/run/sysctl/$(echo "$setting" | tr / .)
	cat "$root/proc/sys/$setting" >"$copy"
	mount --bind "$copy" "$root/proc/sys/$setting"
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

stage2=$(cat "$BOOT")
# Written last, and by rename: when it is there, the namespaces are complete.
echo "$pid" >"$VM_DIR/pid.new"
mv "$VM_DIR/pid.new" "$VM_DIR/pid"
cd "$root"
pivot_root . mnt
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=linux \
	GOMAXPROCS="$GOMAXPROCS" PATIENCE="$PATIENCE" \
	/bin/bash -c "$stage2" init
}
