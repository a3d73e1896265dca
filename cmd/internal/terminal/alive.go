package terminal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"leima/validator/journal"
)

// answerTime is how long the console may take to answer a browser.
const answerTime = 10 * time.Second

// alive reports whether the console answers at its own address and the journal's disk takes a
// write, and what it does. Whatever it answers, it is alive: TLS and names are not its subject.
func alive(address net.Addr, j *journal.Journal) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodHead,
			"http://"+address.String(), nil)
		if err != nil {
			return "", err
		}
		request.Close = true // its connection would take the place of a browser's
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return "", fmt.Errorf("the page does not answer: %w", err)
		}
		_ = response.Body.Close()
		if err := j.Probe(); err != nil {
			return "", err
		}
		extent := j.Extent()
		return fmt.Sprintf("serving the driver's page, %d entries to send",
			extent.Unacknowledged()), nil
	}
}
