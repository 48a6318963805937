# First process of a VM, stage 2, on its own root: waits for its network, runs the numbered rc scripts, reaps.
cd /
# Nothing that was open on the machine.
for open in /proc/self/fd/*; do [ "${open##*/}" -le 2 ] || eval "exec ${open##*/}>&-"; done
exec </dev/null >>/var/log/boot.log 2>&1
umount -l /mnt
mount --make-rshared /
for interface in eth0 eth1; do
	until [ -e "/sys/class/net/$interface" ]; do sleep 0.02; done
done
# A new namespace takes these from the host, which may have switched IPv6 off.
for setting in all default lo eth0 eth1; do echo 0 >"/proc/sys/net/ipv6/conf/$setting/disable_ipv6"; done

printf '%s booting\n' "$HOSTNAME"
for script in $(ls /etc/init.d | grep -E '^[0-9]+.*\.rc$' | sort -n); do
	printf '== %s\n' "$script"
	"/etc/init.d/$script" start || printf '%s ended with exit code %s\n' "$script" "$?"
done
: >/run/booted

# bash reaps every child that the death of its parent left to process 1, as long as it waits for one of its own.
while :; do
	sleep infinity &
	wait "$!"
done
