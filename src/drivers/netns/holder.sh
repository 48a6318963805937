#!/bin/sh
# First process of a cluster: its namespaces are the cluster's, and the kernel ends everything in it when this one ends.
# Argument: the state folder, so that a process list shows which cluster it belongs to.
{ # Read whole before it runs: a shell reads a file as it goes, and this one may be edited meanwhile.
set -eu
mount --make-rprivate /
# /proc stays the host's: the numbers of processes in it are then those that the host knows.
ip link set lo up
for setting in all default; do echo 0 >"/proc/sys/net/ipv6/conf/$setting/disable_ipv6"; done
for family in ip ip6 arp; do
	file=/proc/sys/net/bridge/bridge-nf-call-${family}tables
	[ ! -e "$file" ] || echo 0 >"$file"
done
read -r pid _ </proc/self/stat
echo "$pid" >"$1/holder-pid.new"
mv "$1/holder-pid.new" "$1/holder-pid"
exec bash -c 'while :; do sleep infinity & wait "$!"; done' "k8s-ha $1"
}
