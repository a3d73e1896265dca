package main

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"leima/validator/place"
	"leima/validator/place/drive"
)

// What gpsd says to who connects, and to who watches (gpsd_json(5)).
const (
	gpsdVersion = `{"class":"VERSION","release":"bench","proto_major":3,"proto_minor":14}`
	gpsdDevices = `{"class":"DEVICES","devices":[{"class":"DEVICE","path":"bench"}]}`
	gpsdWatch   = `{"class":"WATCH","enable":true,"json":true}`
)

// stuck is how long a client may take a line: others wait for it.
const stuck = 5 * time.Second

// gpsdPlayer is a gpsd whose receiver is on a bus.
type gpsdPlayer struct {
	listener net.Listener
	first    chan struct{} // closed when somebody watches

	mu       sync.Mutex
	watchers []net.Conn
}

// asGPSD listens, and waits until somebody watches.
func asGPSD(ctx context.Context, b *bench, c *driveCommand, _ place.Trip) (player, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp",
		cmp.Or(c.Listen, "127.0.0.1:2947"))
	if err != nil {
		return nil, err
	}
	b.remark("it answers at %s, and drives off when somebody watches", listener.Addr())
	p := &gpsdPlayer{listener: listener, first: make(chan struct{})}
	go p.serve()
	select {
	case <-p.first:
		return p, nil
	case <-ctx.Done():
		_ = p.close()
		return nil, errStopped
	}
}

func (p *gpsdPlayer) serve() {
	begin := sync.OnceFunc(func() { close(p.first) })
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			if p.greet(conn) != nil {
				_ = conn.Close()
				return
			}
			p.mu.Lock()
			p.watchers = append(p.watchers, conn)
			p.mu.Unlock()
			begin()
		}()
	}
}

// greet speaks with a client until it watches.
func (p *gpsdPlayer) greet(conn net.Conn) error {
	if err := put(conn, gpsdVersion+"\n"); err != nil {
		return err
	}
	asked := bufio.NewScanner(io.LimitReader(conn, 4096))
	for asked.Scan() {
		if strings.HasPrefix(asked.Text(), "?WATCH=") {
			return put(conn, gpsdDevices+"\n"+gpsdWatch+"\n")
		}
	}
	return io.ErrUnexpectedEOF
}

func put(conn net.Conn, text string) error {
	if err := conn.SetWriteDeadline(time.Now().Add(stuck)); err != nil {
		return err
	}
	_, err := io.WriteString(conn, text)
	return err
}

func (p *gpsdPlayer) say(_ context.Context, m, _ drive.Moment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := string(drive.GPSD(m, time.Now()))
	p.watchers = slices.DeleteFunc(p.watchers, func(conn net.Conn) bool {
		err := put(conn, line)
		if err != nil {
			_ = conn.Close()
		}
		return err != nil
	})
	return nil
}

func (p *gpsdPlayer) close() error {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.watchers {
		_ = conn.Close()
	}
	return nil
}
