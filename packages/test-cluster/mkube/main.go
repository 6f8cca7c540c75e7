// mkube: etcd, the Kubernetes control plane and the node agents in one binary, for a test cluster without a
// container engine. The name it is called by, or its first argument, chooses the part; go.sum pins every byte
// that it is built from.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

const usage = "usage: mkube etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubelet|kube-proxy [flags]\n" +
	"       mkube pki DIR SERVER-URL [IP...]"

var parts = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"kube-proxy":              func() *cobra.Command { return proxy.NewProxyCommand() },
}

func main() {
	name := filepath.Base(os.Args[0])
	if parts[name] == nil && name != "etcd" {
		if len(os.Args) < 2 {
			stop(usage)
		}
		name = os.Args[1]
		os.Args = append([]string{name}, os.Args[2:]...)
	}
	switch {
	case name == "etcd":
		etcdmain.Main(os.Args)
	case name == "pki":
		if len(os.Args) < 3 {
			stop(usage)
		}
		if err := writePki(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
			stop("mkube pki: " + err.Error())
		}
	case parts[name] != nil:
		os.Exit(cli.Run(parts[name]()))
	default:
		stop("mkube: unknown part " + name + "\n" + usage)
	}
}

func stop(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
