package main

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

func TestEachSetExpiresWithTheLeaseButTheOneThatOnlyCounts(t *testing.T) {
	asked := mustParse(t, goodRequest)
	left := map[string]time.Duration{}
	for _, one := range (writer{table: tableOf(asked.ID), asked: asked}).sets() {
		for _, element := range one.elements {
			left[one.set.Name] = element.Timeout
		}
	}
	want := map[string]time.Duration{"watched0v4": 0, "watched0v6": 0, "peers0v4": 3 * time.Second, "peers0v6": 3 * time.Second}
	if !reflect.DeepEqual(left, want) {
		t.Errorf("expected %v, got %v", want, left)
	}
}

func TestAPeerThatIsWrittenTwiceIsOneElement(t *testing.T) {
	asked := mustParse(t, goodRequest)
	w := writer{table: tableOf(asked.ID), asked: asked}
	// 10.1.2.3 stands there once more as an IPv4 address in IPv6.
	if got := len(w.elements(asked.Links[0], families[0], true)); got != 1 {
		t.Errorf("got %d elements", got)
	}
}

func TestADetourExpiresByItsRedirections(t *testing.T) {
	asked := mustParse(t, goodDetour)
	for _, one := range (writer{table: tableOf(asked.ID), asked: asked}).sets() {
		if one.set.Name == "peers0via0" {
			if !one.set.HasTimeout || one.elements[0].Timeout != 3*time.Second {
				t.Errorf("got %+v", one)
			}
			return
		}
	}
	t.Error("no set of a redirection")
}

func TestTheOtherSidesAddressIsWhereTheHeaderHasIt(t *testing.T) {
	// RFC 791 and RFC 8200: source and destination of IPv4 at 12 and 16, of IPv6 at 8 and 24.
	want := map[string]map[string]uint32{"v4": {"in": 12, "out": 16}, "v6": {"in": 8, "out": 24}}
	for _, f := range families {
		for way, offset := range want[f.name] {
			match := (writer{}).match(&nftables.Set{}, f, way)
			if got := match[2].(*expr.Payload); got.Offset != offset || got.Len != f.length {
				t.Errorf("%s %s: %d bytes at %d", f.name, way, got.Len, got.Offset)
			}
		}
	}
}

func TestCountersOfALinkAddUpByKindAndDirection(t *testing.T) {
	rule := func(what any, packets uint64) *nftables.Rule {
		data, _ := json.Marshal(what)
		return &nftables.Rule{UserData: data, Exprs: []expr.Any{&expr.Counter{Packets: packets, Bytes: 10 * packets}}}
	}
	var links []linkState
	for _, one := range []*nftables.Rule{
		rule(label{"a->b", "drop", "out"}, 1), rule(label{"c->d", "pass", "in"}, 5),
		rule(label{"a->b", "drop", "out"}, 2), rule(label{}, 100), rule("of somebody else", 100),
		{UserData: []byte("no JSON")},
	} {
		links = count(links, one)
	}
	want := []linkState{
		{Name: "a->b", Counters: map[string]counter{"drop out": {3, 30}}},
		{Name: "c->d", Counters: map[string]counter{"pass in": {5, 50}}},
	}
	if !reflect.DeepEqual(links, want) {
		t.Errorf("expected %+v, got %+v", want, links)
	}
}

func mustParse(t *testing.T, text string) request {
	t.Helper()
	asked, err := parseRequest(text)
	if err != nil {
		t.Fatal(err)
	}
	return asked
}
