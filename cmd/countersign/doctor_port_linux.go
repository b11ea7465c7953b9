package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// holder is which program listens on a port, "" where the system doesn't tell:
// of other users' programs only an administrator may know.
func holder(at net.Addr) string {
	inodes := listening(addrPort(at).Port())
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil || !inodes[to] {
			continue
		}
		process := filepath.Dir(filepath.Dir(link))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return ""
}

// listening are the sockets that listen on a port, as /proc names them.
func listening(port uint16) map[string]bool {
	const listens = "0A"
	found := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			words := strings.Fields(lines.Text())
			if len(words) > 9 && words[3] == listens && strings.HasSuffix(words[1], fmt.Sprintf(":%04X", port)) {
				found["socket:["+words[9]+"]"] = true
			}
		}
		f.Close()
	}
	return found
}
