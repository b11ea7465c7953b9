package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// glassKey is the cookie of one of a crowd's displays.
func glassKey(n int) string {
	raw := make([]byte, 32)
	binary.BigEndian.PutUint64(raw, uint64(n)+1)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// crowd is many displays that do nothing but take frames. They are read by one
// goroutine that asks the system who has something, so that what is measured
// is the sending and not 5,000 readers.
type crowd struct {
	poll  int // the descriptor of epoll
	wake  [2]int
	conns map[int]net.Conn
	left  map[int][]byte // of a frame that came in pieces
	ended chan struct{}

	mu     sync.Mutex
	mark   []byte        // what a frame must have in it to count
	still  map[int]bool  // who hasn't had it
	all    chan struct{} // closed when everybody has
	failed error
}

// gather connects n displays to a server.
func gather(address string, n int) (c *crowd, err error) {
	c = &crowd{conns: make(map[int]net.Conn, n), left: map[int][]byte{}, ended: make(chan struct{}), still: make(map[int]bool, n), all: make(chan struct{})}
	if c.poll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if err := syscall.Pipe2(c.wake[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		return nil, errors.Join(err, syscall.Close(c.poll))
	}
	err = c.listen(c.wake[0])
	for i := 0; i < n && err == nil; i++ {
		err = c.join(address, glassKey(i))
	}
	go c.read()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("display %d of %d: %w", len(c.conns)+1, n, err), c.leave())
	}
	return c, nil
}

func (c *crowd) listen(fd int) error {
	return syscall.EpollCtl(c.poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// join opens one socket. What the server sends behind its answer is kept.
func (c *crowd) join(address, key string) error {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, "GET /display/ws HTTP/1.1\r\nHost: "+address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: countersign.display.v1\r\nCookie: countersign_display="+key+"\r\n\r\n")
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	var said []byte
	for buf := make([]byte, 4096); !bytes.Contains(said, []byte("\r\n\r\n")); {
		n, err := conn.Read(buf)
		if err != nil {
			return errors.Join(err, conn.Close())
		}
		said = append(said, buf[:n]...)
	}
	head, rest, _ := bytes.Cut(said, []byte("\r\n\r\n"))
	if !strings.HasPrefix(string(head), "HTTP/1.1 101 ") {
		return errors.Join(fmt.Errorf("it was answered %q", head), conn.Close())
	}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	fd := -1
	if err := raw.Control(func(n uintptr) { fd = int(n) }); err != nil {
		return errors.Join(err, conn.Close())
	}
	c.conns[fd] = conn
	if len(rest) > 0 {
		c.left[fd] = rest
	}
	return c.listen(fd)
}

// read takes what comes, until leave.
func (c *crowd) read() {
	defer close(c.ended)
	events := make([]syscall.EpollEvent, 512)
	buf := make([]byte, 64<<10)
	for {
		n, err := syscall.EpollWait(c.poll, events, -1)
		if err != nil && err != syscall.EINTR {
			c.fail(err)
			return
		}
		for _, e := range events[:max(n, 0)] {
			fd := int(e.Fd)
			if fd == c.wake[0] {
				return
			}
			n, err := syscall.Read(fd, buf)
			switch {
			case err == syscall.EAGAIN || err == syscall.EINTR:
			case err != nil || n == 0:
				c.fail(fmt.Errorf("a display lost its socket: %w", errors.Join(io.ErrUnexpectedEOF, err)))
				return
			default:
				c.take(fd, buf[:n])
			}
		}
	}
}

// take cuts frames out of what was read. Nobody here sends more than 64 KB.
func (c *crowd) take(fd int, data []byte) {
	if len(c.left[fd]) > 0 {
		data = append(c.left[fd], data...)
		delete(c.left, fd)
	}
	for len(data) >= 2 {
		head, size := 2, int(data[1])
		if size == 126 {
			if len(data) < 4 {
				break
			}
			head, size = 4, int(binary.BigEndian.Uint16(data[2:]))
		}
		if len(data) < head+size {
			break
		}
		c.got(fd, data[head:head+size])
		data = data[head+size:]
	}
	if len(data) > 0 {
		c.left[fd] = bytes.Clone(data)
	}
}

func (c *crowd) got(fd int, message []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.still[fd] || !bytes.Contains(message, c.mark) {
		return
	}
	if delete(c.still, fd); len(c.still) == 0 {
		close(c.all)
	}
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = errors.Join(c.failed, err)
}

// expect makes ready for a frame with this in it.
func (c *crowd) expect(mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark, c.all = []byte(mark), make(chan struct{})
	for fd := range c.conns {
		c.still[fd] = true
	}
}

// wait returns when the last display has the frame.
func (c *crowd) wait() error {
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	select {
	case <-c.all:
		return nil
	case <-limit.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(fmt.Errorf("%d of %d displays had nothing after 20 s: %w", len(c.still), len(c.conns), os.ErrDeadlineExceeded), c.failed)
}

// leave closes every socket.
func (c *crowd) leave() error {
	_, err := syscall.Write(c.wake[1], []byte{0})
	<-c.ended
	for _, conn := range c.conns {
		err = errors.Join(err, conn.Close())
	}
	return errors.Join(err, syscall.Close(c.wake[0]), syscall.Close(c.wake[1]), syscall.Close(c.poll))
}
