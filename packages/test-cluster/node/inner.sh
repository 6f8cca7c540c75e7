#!/bin/bash
# A one-node cluster inside its own namespaces (pid, mount, net, uts); packages/test-cluster/src runs this
# script as their pid 1. When it is killed, the kernel ends every process in them and removes every mount,
# link and address. Environment: RUN folder of the cluster, HERE this folder, MKUBE, TOOLS unpacked Debian
# packages, IMAGES folders of *.tar, split by colons, API_PORT, ETCD_PORT, NODE the node binary, RELAY the
# relay program, GROUP its control group in every hierarchy. Cgroup v1.
set -eu
ADDRESS=10.77.0.1
SERVICES=10.96.0.0/16
PKI=$RUN/pki
GROUPS_V1="cpu cpuacct cpuset memory devices freezer blkio pids"

mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount --make-rshared /
# A fresh sysfs hides the control groups.
mount -t tmpfs cgroup /sys/fs/cgroup
for group in $GROUPS_V1; do
  mkdir -p "/sys/fs/cgroup/$group"
  mount -t cgroup -o "$group" cgroup "/sys/fs/cgroup/$group"
done
mkdir -p /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
# The packages are an overlay on /usr, for this mount namespace only: nothing is installed on the machine.
mount -t overlay overlay -o "lowerdir=$TOOLS/usr:/usr" /usr
# Debian's installer makes these names (update-alternatives), but nothing is installed here; kube-proxy exits
# without them.
mkdir -p "$RUN/bin"
for family in iptables ip6tables; do
  for verb in "" -save -restore; do ln -sf "/usr/sbin/$family-nft$verb" "$RUN/bin/$family$verb"; done
done
PATH=$RUN/bin:$PATH
mount -t tmpfs tmpfs /run
mkdir -p /run/lock "$RUN/kubelet" /var/lib/kubelet /var/lib/cni
mount --bind "$RUN/kubelet" /var/lib/kubelet
mount -t tmpfs tmpfs /var/lib/cni
mount -t tmpfs tmpfs /var/log
# The kubelet wants to set three sysctls of the whole machine: it sees files that already have its values, and
# can write no others.
for tree in kernel vm fs; do
  mount --bind "/proc/sys/$tree" "/proc/sys/$tree"
  mount -o remount,ro,bind "/proc/sys/$tree"
done
mkdir -p "$RUN/sysctl"
for pair in kernel/panic=10 kernel/panic_on_oops=1 vm/overcommit_memory=1; do
  file=$RUN/sysctl/$(echo "${pair%=*}" | tr / _)
  echo "${pair#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${pair%=*}"
done

hostname node1
ip link set lo up
ip link add node0 type bridge
ip addr add $ADDRESS/24 dev node0
ip link set node0 up
# Without a route a connection to a service address fails before it can be redirected.
ip route add $SERVICES dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables; fi
for group in $GROUPS_V1 systemd; do mkdir -p "/sys/fs/cgroup/$group/$GROUP"; done
cat /sys/fs/cgroup/cpuset/cpuset.cpus >"/sys/fs/cgroup/cpuset/$GROUP/cpuset.cpus"
cat /sys/fs/cgroup/cpuset/cpuset.mems >"/sys/fs/cgroup/cpuset/$GROUP/cpuset.mems"

mkdir -p "$RUN/cni" "$RUN/log"
for file in containerd.toml kubelet.yaml kube-proxy.yaml; do sed "s|@RUN@|$RUN|g; s|@GROUP@|$GROUP|g" "$HERE/$file" >"$RUN/$file"; done
sed "s|@RUN@|$RUN|g" "$HERE/cni.conflist" >"$RUN/cni/10-mkube.conflist"

start() {
  name=$1
  shift
  "$@" >"$RUN/log/$name.log" 2>&1 &
}
start containerd containerd -c "$RUN/containerd.toml"
start etcd "$MKUBE" etcd --name n1 --data-dir "$RUN/etcd" --unsafe-no-fsync --log-level=warn \
  --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
  --initial-cluster n1=http://127.0.0.1:2380
start apiserver "$MKUBE" kube-apiserver --etcd-servers="http://127.0.0.1:$ETCD_PORT" --bind-address=0.0.0.0 \
  --secure-port="$API_PORT" --advertise-address=$ADDRESS --tls-cert-file="$PKI/apiserver.crt" \
  --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" --authorization-mode=Node,RBAC \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file="$PKI/sa.pub" \
  --service-account-signing-key-file="$PKI/sa.key" --service-cluster-ip-range=$SERVICES --allow-privileged=true \
  --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" \
  --kubelet-client-key="$PKI/apiserver-kubelet-client.key" --kubelet-certificate-authority="$PKI/ca.crt" \
  --kubelet-preferred-address-types=InternalIP --profiling=false --shutdown-delay-duration=0s
start relay "$NODE" "$RELAY" inside "$RUN/relays.json"
start controllers "$MKUBE" kube-controller-manager --kubeconfig="$PKI/controller-manager.kubeconfig" \
  --bind-address=127.0.0.1 --leader-elect=false --use-service-account-credentials \
  --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
  --node-monitor-grace-period=20s --kube-api-qps=500 --kube-api-burst=1000
start scheduler "$MKUBE" kube-scheduler --kubeconfig="$PKI/scheduler.kubeconfig" --bind-address=127.0.0.1 \
  --leader-elect=false
for _ in $(seq 200); do
  ctr -a "$RUN/containerd.sock" version >/dev/null 2>&1 && break
  sleep 0.1
done
IFS=:
for folder in $IMAGES; do
  for image in "$folder"/*.tar; do ctr -a "$RUN/containerd.sock" -n k8s.io images import "$image"; done
done
unset IFS
start kubelet "$MKUBE" kubelet --config="$RUN/kubelet.yaml" --kubeconfig="$PKI/kubelet.kubeconfig" \
  --root-dir=/var/lib/kubelet --cert-dir="$RUN/kubelet-certs" --hostname-override=node1 --node-ip=$ADDRESS --v=1
start proxy "$MKUBE" kube-proxy --config="$RUN/kube-proxy.yaml"
# As pid 1 it reaps the shims of pods that ended.
set +e
while :; do
  wait -n
  sleep 0.2
done
