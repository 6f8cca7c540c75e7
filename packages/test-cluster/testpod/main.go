// testpod: the only image of the test cluster. As `pause` it holds a pod's namespaces. As `serve` it is a
// small HTTP service, optionally with an echo; flags set the duration of its start, readiness and end. `talk`
// is a client of the echo.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	version = "testpod 1"
	usage   = "usage: testpod pause | serve [-port N] [-ready-after D] [-drain D] [-echo N] | talk -to HOST:PORT | image FILE [NAME PROGRAM] | -v"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	switch os.Args[1] {
	case "-v":
		fmt.Println(version)
	case "pause":
		pause()
	case "image":
		image, program := imageName, "/proc/self/exe"
		if len(os.Args) == 5 {
			image, program = os.Args[3], os.Args[4]
		} else if len(os.Args) != 3 {
			fmt.Fprintln(os.Stderr, usage)
			os.Exit(2)
		}
		if err := writeImage(os.Args[2], image, program); err != nil {
			fmt.Fprintln(os.Stderr, "testpod: "+err.Error())
			os.Exit(1)
		}
	case "serve":
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "testpod: "+err.Error())
			os.Exit(1)
		}
	case "talk":
		if err := talk(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "testpod: "+err.Error())
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "testpod: unknown part "+os.Args[1])
		os.Exit(2)
	}
}

// As pid 1 it must reap orphans, or the pod would fill with zombies.
func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	port := flags.Int("port", 8080, "port of the HTTP server")
	readyAfter := flags.Duration("ready-after", 0, "time from start until /ready answers 200")
	drain := flags.Duration("drain", 0, "time from SIGTERM until it ends")
	echoPort := flags.Int("echo", 0, "port of an echo; 0 = none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *echoPort != 0 {
		go func() {
			fmt.Fprintln(os.Stderr, echo(*echoPort))
			os.Exit(1)
		}()
	}
	started := time.Now()
	host, _ := os.Hostname()
	http.HandleFunc("/ready", func(answer http.ResponseWriter, _ *http.Request) {
		if time.Since(started) < *readyAfter {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, host) })
	server := &http.Server{Addr: fmt.Sprintf(":%d", *port), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
		<-signals
		time.Sleep(*drain)
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
