package server

import "sync"

// atOnce is how many requests of a device are worked at: it has one in flight, and perhaps former
// ones whose connection has died.
const atOnce = 4

// turns are the requests that are being worked at, by device. One that lies must not fill the
// depot's memory with bodies that it sends slowly.
type turns struct {
	mu sync.Mutex
	of map[uint16]int
}

// enter lets a request of a device be worked at until leave is called, unless there are too many.
func (t *turns) enter(device uint16) (leave func(), may bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[device] == atOnce {
		return nil, false
	}
	if t.of == nil {
		t.of = map[uint16]int{}
	}
	t.of[device]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.of[device]--; t.of[device] == 0 {
			delete(t.of, device)
		}
	}, true
}
