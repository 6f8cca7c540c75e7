package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const goodRequest = `{"id":"cut-1","ttlMs":3000,"kind":"cut","links":[{"name":"a->b","peers":["10.1.2.3","::ffff:10.1.2.3","fd00::1"]}]}`
const goodDetour = `{"id":"slow-1","ttlMs":3000,"kind":"detour","links":[{"name":"a->b","peers":["10.1.2.3"],"via":[{"peer":"10.1.2.3","port":6379,"to":"10.9.9.9:4001"}]}]}`

func TestARequestIsReadWhole(t *testing.T) {
	asked, err := parseRequest(goodDetour)
	if err != nil {
		t.Fatal(err)
	}
	one := asked.Links[0]
	if asked.ttl() != 3*time.Second || one.Name != "a->b" || one.Via[0].To.String() != "10.9.9.9:4001" {
		t.Errorf("got %+v", asked)
	}
}

func TestADirectionHitsItselfAndNoneHitsBoth(t *testing.T) {
	for _, one := range []struct {
		direction string
		in, out   bool
	}{{"", true, true}, {"in", true, false}, {"out", false, true}} {
		asked := request{Direction: one.direction}
		if asked.hits("in") != one.in || asked.hits("out") != one.out {
			t.Errorf("%q: in %v, out %v", one.direction, asked.hits("in"), asked.hits("out"))
		}
	}
}

func TestWhatIsWrongInARequestIsRefusedWithWords(t *testing.T) {
	replaced := func(old, new string) string { return strings.Replace(goodRequest, old, new, 1) }
	inDetour := func(old, new string) string { return strings.Replace(goodDetour, old, new, 1) }
	for name, one := range map[string]struct{ text, words string }{
		"no JSON":                          {`{`, "unexpected EOF"},
		"more than one request":            {goodRequest + goodRequest, "expected one request, got more behind it"},
		"an unknown field":                 {replaced(`"kind"`, `"jitterMs":5,"kind"`), `json: unknown field "jitterMs"`},
		"an unknown link field":            {replaced(`"peers"`, `"ports":[1],"peers"`), `json: unknown field "ports"`},
		"an unknown kind":                  {replaced(`"cut"`, `"melt"`), `kind: expected cut, reset, police or detour, got "melt"`},
		"no kind":                          {replaced(`"kind":"cut",`, ``), `kind: expected cut, reset, police or detour, got ""`},
		"an id that could leave its table": {replaced(`cut-1`, `../x`), "id: expected ^[a-z0-9-]{1,80}$, got \"../x\""},
		"an id that is too long":           {replaced(`cut-1`, strings.Repeat("x", 81)), "id: expected ^[a-z0-9-]{1,80}$, got \"" + strings.Repeat("x", 81) + "\""},
		"a lease below 100 ms":             {replaced(`3000`, `99`), "ttlMs: expected 100 to 3600000, got 99"},
		"a lease above an hour":            {replaced(`3000`, `3600001`), "ttlMs: expected 100 to 3600000, got 3600001"},
		"a direction sideways":             {replaced(`"kind"`, `"direction":"both","kind"`), `direction: expected in, out or nothing, got "both"`},
		"a rate of nothing":                {replaced(`"cut"`, `"police"`), "bytesPerSecond: expected at least 1, got 0"},
		"a negative rate":                  {replaced(`"cut"`, `"police","bytesPerSecond":-1`), "json: cannot unmarshal number -1 into Go struct field request.bytesPerSecond of type uint64"},
		"no links":                         {`{"id":"a","ttlMs":3000,"kind":"cut","links":[]}`, "links: expected at least one, got none"},
		"a link without peers":             {`{"id":"a","ttlMs":3000,"kind":"cut","links":[{"name":"a->b","peers":[]}]}`, `link: expected a name and its peers, got "a->b" with 0`},
		"a link with peers and everyone":   {replaced(`"peers"`, `"everyone":true,"peers"`), `link: expected a name and its peers, got "a->b" with 3`},
		"a detour for everyone":            {inDetour(`"peers":["10.1.2.3"]`, `"everyone":true,"peers":[]`), `everyone of a->b: expected peers for a detour`},
		"a link name with quotes":          {replaced(`a->b`, `a\"b`), `link: expected a name and its peers, got "a\"b" with 3`},
		"a peer that is no address":        {replaced(`fd00::1`, `db-0`), `ParseAddr("db-0"): unable to parse IP`},
		"an empty peer":                    {replaced(`fd00::1`, ``), `peers of a->b: expected an address without a zone, got "invalid IP"`},
		"a peer with a zone":               {replaced(`fd00::1`, `fe80::1%eth0`), `peers of a->b: expected an address without a zone, got "fe80::1%eth0"`},
		"a cut with a redirection":         {inDetour(`"detour"`, `"cut"`), "via of a->b: expected at least one for a detour and none for other kinds, got 1"},
		"a detour without one":             {replaced(`"cut"`, `"detour"`), "via of a->b: expected at least one for a detour and none for other kinds, got 0"},
		"a redirection without a port":     {inDetour(`6379`, `0`), "via: expected a port and an address of the proxy, got 0 and 10.9.9.9:4001"},
		"a proxy of the other family":      {inDetour(`10.9.9.9:4001`, `[fd00::2]:4001`), "via: expected a proxy address of the same family as 10.1.2.3, got fd00::2"},
		"a redirection of nobody":          {inDetour(`{"peer":"10.1.2.3"`, `{"peer":""`), `via: expected an address without a zone, got "invalid IP"`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseRequest(one.text); err == nil || err.Error() != one.words {
				t.Errorf("expected %q, got %v", one.words, err)
			}
		})
	}
}

// Whatever is accepted can be written as a table: names fit, every peer has the bytes of its family.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{goodRequest, goodDetour, `{}`, `null`, `[]`, `{"id":"a","ttlMs":1e3,"kind":"cut"}`,
		`{"id":"a","ttlMs":100,"kind":"police","bytesPerSecond":1,"links":[{"name":"x","peers":["1.2.3.4"]}]}`,
		`{"id":"a","ttlMs":100,"kind":"reset","direction":"in","links":[{"name":"x","peers":[""]}]}`,
		`{"id":"a","ttlMs":100,"kind":"cut","links":[{"name":"x","peers":["fe80::1%25"]}]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		asked, err := parseRequest(text)
		if err != nil {
			return
		}
		if left := asked.ttl(); left < 100*time.Millisecond || left > time.Hour {
			t.Fatalf("a lease of %s", left)
		}
		w := writer{table: tableOf(asked.ID), asked: asked}
		sets := w.sets()
		if len(sets) == 0 {
			t.Fatal("no set: nothing would expire")
		}
		for _, one := range sets {
			for _, element := range one.elements {
				if want := int(one.set.KeyType.Bytes); len(element.Key) != want {
					t.Fatalf("%s: key of %d bytes in a set of %d", one.set.Name, len(element.Key), want)
				}
			}
		}
		again, err := json.Marshal(asked)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := parseRequest(string(again)); err != nil || same.ID != asked.ID || len(same.Links) != len(asked.Links) {
			t.Fatalf("written and read again: %v, %+v", err, same)
		}
	})
}
