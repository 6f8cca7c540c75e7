package main

import (
	"strings"
	"testing"
)

func TestTheStatOfAProcessIsReadWhateverItsName(t *testing.T) {
	rest := " S 7" + strings.Repeat(" 0", 17) + " 4242 9"
	for name, text := range map[string]string{"node": "12 (node)" + rest, "a) (b": "12 (a) (b)" + rest} {
		got, err := parseStat("12", text)
		if want := (process{"12", "7", "4242", name}); err != nil || got != want {
			t.Errorf("expected %+v, got %+v, %v", want, got, err)
		}
	}
	for _, text := range []string{"", "12 node", "12 )node(", "12 (node) S 7"} {
		if got, err := parseStat("12", text); err == nil {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

func FuzzStat(f *testing.F) {
	f.Add("12 (node) S 7" + strings.Repeat(" 0", 17) + " 4242 9")
	f.Add(")(")
	f.Fuzz(func(t *testing.T, text string) { _, _ = parseStat("1", text) })
}

func TestADescentEndsAlsoWhereParentsFormALoop(t *testing.T) {
	of := func(pid, parent string) process { return process{pid: pid, parent: parent} }
	all := map[string]process{"1": of("1", "0"), "5": of("5", "1"), "6": of("6", "5"), "8": of("8", "9"), "9": of("9", "8"), "7": of("7", "4")}
	for pid, want := range map[string]bool{"1": true, "5": true, "6": true, "7": false, "8": false, "9": false} {
		if got := descendsFromFirst(all, all[pid]); got != want {
			t.Errorf("%s: got %v", pid, got)
		}
	}
}
