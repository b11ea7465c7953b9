package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
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
	ours := field[0].times.micro()
	for _, c := range field {
		t = append(t, [2]string{fmt.Sprintf("%s to %d", c.name, displays), fmt.Sprintf("%s, the hub's is %.2f×; %.1f KiB a connection",
			c.times, ours/c.times.micro(), c.median())})
	}
	b.Logf("\n%s", t)
	ratio := ours / field[1].times.micro()
	b.ReportMetric(ratio, "plain-ratio")
	within(b, fmt.Sprintf("%d displays against a plain loop", displays), ratio, most)
	if displays >= 1000 {
		b.ReportMetric(field[0].median(), "KiB/connection")
		within(b, "KiB for a connection", field[0].median(), 32)
	}
}

func (c *contestant) median() float64 {
	var s samples
	for _, m := range c.memory {
		s = append(s, time.Duration(m*1000))
	}
	return float64(s.median()) / 1000
}

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
	const warm = 2
	for i := range warm + min(10+2000/displays, 400) {
		if i < warm {
			err = next()
		} else {
			err = c.times.time(next)
		}
		if err != nil {
			return err
		}
	}
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
