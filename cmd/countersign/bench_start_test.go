package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkStart measures the built program: how long from its start to the
// first request that it answers, how much memory it has when nothing happens,
// and how large it is.
func BenchmarkStart(b *testing.B) {
	h := newSite(b)
	h.kill()
	var starts samples
	for b.Loop() {
		err := starts.time(func() error {
			h.launch()
			h.await("the first request is answered", 10*time.Second, func(ctx context.Context) bool {
				return h.ask(ctx, http.MethodGet, "/healthz", nil, nil) == http.StatusOK
			})
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		h.kill()
		b.StartTimer()
	}
	h.start()
	memory := resident(b, h.process.Process.Pid)
	info, err := os.Stat(h.program)
	if err != nil {
		b.Fatal(err)
	}
	size := float64(info.Size()) / (1 << 20)
	b.ReportMetric(starts.milli(), "start-ms")
	b.ReportMetric(memory, "idle-MB")
	b.ReportMetric(size, "binary-MB")
	b.Logf("\n%s", table{
		{"start to the first answered request, at most 150ms", starts.String()},
		{"memory when idle, at most 40 MB", fmt.Sprintf("%.1f MB", memory)},
		{"the program, at most 30 MB", fmt.Sprintf("%.1f MB", size)},
	})
	within(b, "start, in ms", starts.milli(), 150)
	within(b, "idle memory, in MB", memory, 40)
	within(b, "the program, in MB", size, 30)
}

// resident is a process's memory in megabytes, once it stops growing.
func resident(b *testing.B, pid int) (megabytes float64) {
	b.Helper()
	look := time.NewTicker(250 * time.Millisecond)
	defer look.Stop()
	for range 8 {
		<-look.C
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			b.Fatal("the memory of a process is read from /proc, as Linux has it: ", err)
		}
		_, rest, _ := strings.Cut(string(raw), "VmRSS:")
		kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		if megabytes == kilobytes/1024 {
			break
		}
		megabytes = kilobytes / 1024
	}
	return megabytes
}
