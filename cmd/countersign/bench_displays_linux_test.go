package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"
)

// turns is how often everybody takes a turn with each number of displays: a
// process has no descriptors for five times 5,000 at once.
const turns = 5

// contestant is one way to send, and what it took.
type contestant struct {
	name   string
	begin  func(displays int) sender
	times  samples
	turns  []float64 // the median of each turn, in µs
	memory []float64 // KiB for a connection, both ends of it
}

// BenchmarkDisplays measures a scene of 600 bytes to 1, 100, 1,000 and 5,000
// displays, until the last one has it, by the hub and by others that do nothing
// but send it.
func BenchmarkDisplays(b *testing.B) {
	descriptors(b, 5000*2+200)
	for _, at := range []struct {
		displays int
		most     float64
	}{{1, 1.05}, {100, 0.9}, {1000, 0.8}, {5000, 0.8}} {
		b.Run(fmt.Sprint(at.displays), func(b *testing.B) { raceTo(b, at.displays, at.most) })
	}
}

func raceTo(b *testing.B, displays int, most float64) {
	field := []*contestant{
		{name: "the hub", begin: newOurs},
		{name: "plain loop, each writer encodes", begin: newPlain(false)},
		{name: "plain loop, encoded once", begin: newPlain(true)},
		{name: "gorilla, prepared message", begin: newPrepared},
		{name: "gws, broadcaster", begin: newBroadcast},
	}
	mark := 1_000_000
	for b.Loop() {
		for turn := range turns {
			for n := range field {
				c := field[(turn+n)%len(field)]
				if err := c.turn(displays, &mark); err != nil {
					b.Fatalf("%s: %v", c.name, err)
				}
			}
		}
	}
	var t table
	for _, c := range field {
		t = append(t, [2]string{fmt.Sprintf("%s to %d", c.name, displays), fmt.Sprintf("%s, the hub's is %.2f×; %.1f KiB a connection",
			c.times, field[0].against(c), middle(c.memory))})
	}
	b.Logf("\n%s", t)
	ratio := field[0].against(field[1])
	b.ReportMetric(ratio, "plain-ratio")
	within(b, fmt.Sprintf("%d displays against a plain loop", displays), ratio, most)
	if displays >= 1000 {
		b.ReportMetric(middle(field[0].memory), "KiB/connection")
		within(b, "KiB for a connection", middle(field[0].memory), 32)
	}
}

// against is the ratio to another in the same turn, of which the middle one
// counts: a machine that is busy with something else moves both.
func (c *contestant) against(other *contestant) float64 {
	var ratios []float64
	for n := range c.turns {
		ratios = append(ratios, c.turns[n]/other.turns[n])
	}
	return middle(ratios)
}

func middle(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }

// turn connects the displays, sends to them again and again, and sends them home.
func (c *contestant) turn(displays int, mark *int) (err error) {
	idle := runtime.NumGoroutine()
	before := inUse()
	s := c.begin(displays)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s}
	go func() { _ = server.Serve(listener) }()
	all, err := gather(listener.Addr().String(), displays)
	if err != nil {
		return err
	}
	for s.connected() < displays {
		<-time.After(time.Millisecond) // a server has a socket a moment after its answer
	}
	next := func() error {
		*mark++
		all.expect(fmt.Sprint(*mark))
		if err := s.send(fmt.Sprint(*mark)); err != nil {
			return err
		}
		return all.wait()
	}
	for range 2 { // warms up
		if err := next(); err != nil {
			return err
		}
	}
	var times samples
	for range min(10+30_000/displays, 400) {
		if err := times.time(next); err != nil {
			return err
		}
	}
	c.times, c.turns = append(c.times, times...), append(c.turns, times.micro())
	c.memory = append(c.memory, float64(inUse()-before)/1024/float64(displays))
	if err := errors.Join(s.stop(), all.leave(), server.Close()); err != nil {
		return err
	}
	for runtime.NumGoroutine() > idle {
		<-time.After(time.Millisecond) // what is left over would be in the next one's memory
	}
	return nil
}

// inUse is the memory of what is alive, the goroutines' stacks included.
func inUse() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// descriptors raises what this process may open; the end of each connection is one.
func descriptors(b *testing.B, want uint64) {
	b.Helper()
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		b.Fatal(err)
	}
	if l.Cur >= want {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: want, Max: max(l.Max, want)}); err != nil {
		b.Fatalf("5,000 displays need %d open files, and this process may have %d: ulimit -n: %v", want, l.Cur, err)
	}
}
