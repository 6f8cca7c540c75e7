// tasks: the kernel's CPU counters of one container's processes, read from inside its pid namespace by a
// container without any capability. It writes one JSON line per reading to stdout, so that no process must be
// started in a pod that is starved of CPU.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// For each thread, by tid: ns on a CPU, ns runnable but waiting for one (/proc/PID/task/TID/schedstat).
type counts map[string][2]uint64

type reading struct {
	// Time since the first reading, on this node's monotonic clock.
	AtMs float64 `json:"atMs"`
	// Threads of process 1 and of all that it started.
	Workload counts `json:"workload"`
	// ns on a CPU of processes that other parties started in the container, by "pid start-ticks name".
	Beside map[string]uint64 `json:"beside"`
}

type process struct {
	pid, parent, start, name string
}

func tasks(args []string) error {
	flags := flag.NewFlagSet("tasks", flag.ExitOnError)
	every := flags.Duration("every", 500*time.Millisecond, "time between readings")
	lasts := flags.Duration("for", 2*time.Minute, "time after which it ends")
	_ = flags.Parse(args)
	runtime.GOMAXPROCS(1)
	lines := json.NewEncoder(os.Stdout)
	for started := time.Now(); time.Since(started) < *lasts; time.Sleep(*every) {
		atMs := float64(time.Since(started).Microseconds()) / 1000
		now, err := readTasks()
		if err != nil {
			return err
		}
		now.AtMs = atMs
		if err := lines.Encode(now); err != nil {
			return err
		}
	}
	return nil
}

func readTasks() (reading, error) {
	all, err := processes()
	if err != nil {
		return reading{}, err
	}
	first, found := all["1"]
	if !found || first.name == "netagent" {
		return reading{}, errors.New("process 1 is not the container's: the runtime does not share its pid namespace")
	}
	now := reading{Workload: counts{}, Beside: map[string]uint64{}}
	for pid, one := range all {
		threads := threadsOf(pid)
		if descendsFromFirst(all, one) {
			for tid, counted := range threads {
				now.Workload[tid] = counted
			}
		} else if one.name != "netagent" {
			var used uint64
			for _, counted := range threads {
				used += counted[0]
			}
			now.Beside[pid+" "+one.start+" "+one.name] = used
		}
	}
	if len(now.Workload) == 0 {
		return reading{}, errors.New("no /proc/1/task/*/schedstat: this kernel counts no run delay")
	}
	return now, nil
}

// Parents read at two different moments can form a loop: so the number of steps is limited.
func descendsFromFirst(all map[string]process, one process) bool {
	for steps := 0; steps < len(all); steps++ {
		if one.pid == "1" {
			return true
		}
		parent, found := all[one.parent]
		if !found {
			return false
		}
		one = parent
	}
	return false
}

// A process that ends while it is read is omitted.
func processes() (map[string]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	all := map[string]process{}
	for _, entry := range entries {
		pid := entry.Name()
		if _, err := strconv.Atoi(pid); err != nil {
			continue
		}
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		if one, err := parseStat(pid, string(text)); err == nil {
			all[pid] = one
		}
	}
	return all, nil
}

// The name is in parentheses and may contain spaces and parentheses. Fields as in proc(5): 4 = parent, 22 =
// start.
func parseStat(pid, text string) (process, error) {
	open, end := strings.Index(text, "("), strings.LastIndex(text, ")")
	if open < 0 || end < open {
		return process{}, fmt.Errorf("stat of %s: %q", pid, text)
	}
	rest := strings.Fields(text[end+1:])
	if len(rest) < 20 {
		return process{}, fmt.Errorf("stat of %s: %d fields", pid, len(rest))
	}
	return process{pid: pid, parent: rest[1], start: rest[19], name: text[open+1 : end]}, nil
}

func threadsOf(pid string) counts {
	found := counts{}
	entries, _ := os.ReadDir("/proc/" + pid + "/task")
	for _, entry := range entries {
		text, err := os.ReadFile("/proc/" + pid + "/task/" + entry.Name() + "/schedstat")
		if err != nil {
			continue
		}
		var ran, waited uint64
		if _, err := fmt.Sscan(string(text), &ran, &waited); err == nil {
			found[entry.Name()] = [2]uint64{ran, waited}
		}
	}
	return found
}
