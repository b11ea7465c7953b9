package store_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"countersign/store"
)

// model is the store in maps and slices: what a reader must see, whatever happened before.
type model struct {
	s    *shop
	db   *store.DB
	path string

	bookings        map[string]booking
	changes, ledger []string
	forgotten       int // of the changes
	jobs            map[string]store.Task[string]
	cursors         map[string]string
}

var (
	epoch  = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	idGen  = rapid.SampledFrom([]string{"a", "b", "ab", "a\x00", "a\x00b", "\xc3\xa4", "c"})
	valGen = rapid.SampledFrom([]string{"", "a", "ab", "a\x00", "a\x00b", "\x00", "\x00\x01", "a\u00ff", "b"})
)

func TestModel(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		m := &model{
			s: newShop(), path: filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", n)),
			bookings: map[string]booking{}, jobs: map[string]store.Task[string]{}, cursors: map[string]string{},
		}
		m.open(rt)
		defer func() { _ = m.db.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"put": m.put, "delete": m.delete, "append": m.append, "forget": m.forget, "add": m.add, "take": m.take,
			"fail": m.fail, "done": m.done, "set": m.set, "rewrite": m.rewrite, "reopen": m.reopen,
			"": m.compare,
		})
	})
}

func (m *model) open(t *rapid.T) {
	o := m.s.options()
	o.NoSync = true
	db, err := store.Open(m.path, o)
	if err != nil {
		t.Fatal(err)
	}
	m.db = db
}

func (m *model) reopen(t *rapid.T) {
	if err := m.db.Close(); err != nil {
		t.Fatal(err)
	}
	m.open(t)
}

// update does one thing in a transaction that is sometimes rolled back; kept says whether the model should follow.
func (m *model) update(t *rapid.T, fn func(tx *store.Tx) error) (kept bool) {
	stop := rapid.IntRange(0, 4).Draw(t, "stop") == 0
	err := m.db.Update(func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if stop {
			return errStop
		}
		return nil
	})
	if stop && err == errStop {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

func (m *model) put(t *rapid.T) {
	b := booking{
		ID: idGen.Draw(t, "id"), Day: valGen.Draw(t, "day"), Token: valGen.Draw(t, "token"),
		Tags: rapid.SliceOfN(valGen, 1, 3).Draw(t, "tags"),
	}
	for _, other := range m.bookings {
		if other.ID != b.ID && other.Token != "" && strings.EqualFold(other.Token, b.Token) {
			err := m.db.Update(func(tx *store.Tx) error { return m.s.bookings.Put(tx, b) })
			if err == nil {
				t.Fatalf("%q has the token of %q", b.ID, other.ID)
			}
			return
		}
	}
	if m.update(t, func(tx *store.Tx) error { return m.s.bookings.Put(tx, b) }) {
		m.bookings[b.ID] = b
	}
}

func (m *model) delete(t *rapid.T) {
	id := idGen.Draw(t, "id")
	if m.update(t, func(tx *store.Tx) error { return m.s.bookings.Delete(tx, id) }) {
		delete(m.bookings, id)
	}
}

// rewrite changes and deletes records while walking an index over them.
func (m *model) rewrite(t *rapid.T) {
	day, to := valGen.Draw(t, "day"), valGen.Draw(t, "to")
	next := maps.Clone(m.bookings)
	kept := m.update(t, func(tx *store.Tx) error {
		seen := 0
		for b, err := range m.s.bookings.Where(tx, m.s.day, day) {
			if err != nil {
				return err
			}
			if seen++; seen%2 == 0 {
				delete(next, b.ID)
				err = m.s.bookings.Delete(tx, b.ID)
			} else {
				b.Day = to
				next[b.ID] = b
				err = m.s.bookings.Put(tx, b)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if kept {
		m.bookings = next
	}
}

func (m *model) append(t *rapid.T) {
	a, b := valGen.Draw(t, "change"), valGen.Draw(t, "entry")
	kept := m.update(t, func(tx *store.Tx) error {
		seq, err := m.s.changes.Append(tx, a)
		if err != nil {
			return err
		}
		if seq != uint64(len(m.changes)+1) {
			t.Fatalf("change %d after %d", seq, len(m.changes))
		}
		_, err = m.s.ledger.Append(tx, b)
		return err
	})
	if kept {
		m.changes, m.ledger = append(m.changes, a), append(m.ledger, b)
	}
}

// forget takes the oldest changes away; the newest stays whatever is asked, and the ledger all of it.
func (m *model) forget(t *rapid.T) {
	upTo, limit := rapid.IntRange(0, len(m.changes)+1).Draw(t, "up to"), rapid.IntRange(1, 4).Draw(t, "limit")
	want := max(0, min(upTo, len(m.changes)-1, m.forgotten+limit)-m.forgotten)
	kept := m.update(t, func(tx *store.Tx) error {
		n, err := m.s.changes.Forget(tx, uint64(upTo), limit)
		equal(t, "forgotten", n, want, err)
		if _, err := m.s.ledger.Forget(tx, 1, 1); err == nil {
			t.Fatal("a chain forgot")
		}
		return nil
	})
	if kept {
		m.forgotten += want
	}
}

func (m *model) add(t *rapid.T) {
	id, due := idGen.Draw(t, "id"), m.due(t)
	var now time.Time
	kept := m.update(t, func(tx *store.Tx) error {
		now = tx.Now()
		return m.s.jobs.Add(tx, id, due, id+"!")
	})
	if _, there := m.jobs[id]; kept && !there {
		m.jobs[id] = store.Task[string]{ID: id, Due: due, Added: now, Value: id + "!"}
	}
}

// due is long past or far ahead, before or after 1970, so that what is due does not depend on how fast the test runs.
func (m *model) due(t *rapid.T) time.Time {
	years := rapid.SampledFrom([]int{-2000, -500, -60, -20, 500, 5000}).Draw(t, "years")
	return epoch.AddDate(years, 0, 0).Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "ns")))
}

func (m *model) take(t *rapid.T) {
	id, retry := idGen.Draw(t, "id"), m.due(t)
	job, there := m.jobs[id]
	want := there && job.Due.Before(time.Now())
	job.Attempts, job.Due = job.Attempts+1, retry
	kept := m.update(t, func(tx *store.Tx) error {
		got, ok, err := m.s.jobs.Take(tx, id, retry)
		if err == nil && (ok != want || (ok && !cmp.Equal(got, job))) {
			t.Fatalf("took %v %+v, want %v %+v", ok, got, want, job)
		}
		return err
	})
	if kept && want {
		m.jobs[id] = job
	}
}

func (m *model) fail(t *rapid.T) {
	id, due := idGen.Draw(t, "id"), m.due(t)
	kept := m.update(t, func(tx *store.Tx) error { return m.s.jobs.Fail(tx, id, "refused", due) })
	if job, there := m.jobs[id]; there && kept {
		job.LastError, job.Due = "refused", due
		m.jobs[id] = job
	}
}

func (m *model) done(t *rapid.T) {
	id := idGen.Draw(t, "id")
	if m.update(t, func(tx *store.Tx) error { return m.s.jobs.Done(tx, id) }) {
		delete(m.jobs, id)
	}
}

func (m *model) set(t *rapid.T) {
	name, value := idGen.Draw(t, "name"), valGen.Draw(t, "value")
	if m.update(t, func(tx *store.Tx) error { return m.s.cursors.Set(tx, name, value) }) {
		m.cursors[name] = value
	}
}

func (m *model) compare(t *rapid.T) {
	if err := m.db.Check(); err != nil {
		t.Fatal(err)
	}
	err := m.db.View(func(tx *store.Tx) error {
		m.compareBookings(t, tx)
		m.compareLogs(t, tx)
		m.compareJobs(t, tx)
		for name, want := range m.cursors {
			got, err := m.s.cursors.Get(tx, name)
			equal(t, "cursor", got, want, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *model) compareBookings(t *rapid.T, tx *store.Tx) {
	c, s := m.s.bookings, m.s
	rows := slices.SortedFunc(maps.Values(m.bookings), func(a, b booking) int { return strings.Compare(a.ID, b.ID) })
	got, err := gather(c.All(tx))
	equal(t, "all", got, rows, err)
	n, err := c.Count(tx)
	equal(t, "count", n, len(rows), err)

	v, w := valGen.Draw(t, "v"), valGen.Draw(t, "w")
	got, err = gather(c.Where(tx, s.tag, v))
	equal(t, "where", got, pick(rows, tags, func(x string) bool { return x == v }), err)
	got, err = gather(c.Between(tx, s.tag, v, w))
	equal(t, "between", got, pick(rows, tags, func(x string) bool { return v <= x && x < w }), err)
	got, err = gather(c.Prefix(tx, s.tag, v))
	equal(t, "prefix", got, pick(rows, tags, func(x string) bool { return strings.HasPrefix(x, v) }), err)
	got, err = gather(c.Prefix(tx, s.token, v))
	equal(t, "unique prefix", got, pick(rows, tokens, func(x string) bool { return strings.HasPrefix(x, v) }), err)
	for ix, values := range map[*store.Index[booking]]func(booking) []string{s.tag: tags, s.token: tokens} {
		var want []string
		for _, b := range pick(rows, values, func(x string) bool { return strings.HasPrefix(x, v) }) {
			want = append(want, b.ID)
		}
		keys, err := gather(c.Keys(tx, ix, v))
		equal(t, "keys", keys, want, err)
	}
}

func tags(b booking) []string { return b.Tags }

func tokens(b booking) []string {
	if b.Token == "" {
		return nil
	}
	return []string{b.Token}
}

// pick finds what an index should: the rows once for each different value that is wanted, by value, then by key.
func pick(rows []booking, values func(booking) []string, want func(string) bool) (out []booking) {
	type hit struct {
		value string
		b     booking
	}
	var hits []hit
	for _, b := range rows {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(values(b)))) {
			if want(v) {
				hits = append(hits, hit{v, b})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return strings.Compare(a.value, b.value) })
	for _, h := range hits {
		out = append(out, h.b)
	}
	return out
}

func (m *model) compareLogs(t *rapid.T, tx *store.Tx) {
	for l, want := range map[*store.Log[string]][]string{m.s.changes: m.changes, m.s.ledger: m.ledger} {
		last, err := l.Last(tx)
		equal(t, "last", last, uint64(len(want)), err)
		from, limit := rapid.IntRange(0, len(want)).Draw(t, "after"), rapid.IntRange(0, 3).Draw(t, "limit")
		entries, err := l.After(tx, uint64(from), limit)
		if l == m.s.changes {
			from = max(from, m.forgotten)
		}
		var got []string
		for i, e := range entries {
			got = append(got, e.Value)
			equal(t, "seq", e.Seq, uint64(from+i+1), nil)
		}
		rest := slices.Clone(want[from:])
		if limit > 0 && limit < len(rest) {
			rest = rest[:limit]
		}
		equal(t, "after", got, slices.Clip(append([]string(nil), rest...)), err)
	}
}

func (m *model) compareJobs(t *rapid.T, tx *store.Tx) {
	all := slices.SortedFunc(maps.Values(m.jobs), func(a, b store.Task[string]) int { return strings.Compare(a.ID, b.ID) })
	got, err := gather(m.s.jobs.All(tx))
	equal(t, "jobs", got, all, err)
	slices.SortStableFunc(all, func(a, b store.Task[string]) int { return a.Due.Compare(b.Due) })
	next, ok, err := m.s.jobs.Next(tx)
	equal(t, "has next", ok, len(all) > 0, err)
	if ok {
		equal(t, "next", next, all[0].Due, nil)
	}
	next, ok, err = m.s.jobs.NextAfter(tx)
	at := slices.IndexFunc(all, func(t store.Task[string]) bool { return t.Due.After(tx.Now()) })
	equal(t, "has next after now", ok, at >= 0, err)
	if ok {
		equal(t, "next after now", next, all[at].Due, nil)
	}
	all = slices.DeleteFunc(all, func(t store.Task[string]) bool { return t.Due.After(tx.Now()) })
	got, err = m.s.jobs.Due(tx, 2)
	equal(t, "due", got, append([]store.Task[string](nil), all[:min(2, len(all))]...), err)
}

func gather[T any](seq func(yield func(T, error) bool)) (out []T, err error) {
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

func equal[T any](t *rapid.T, what string, got, want T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
