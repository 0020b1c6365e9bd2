package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// connections is the number of concurrent readers in a closed load. Each sends the next request when it has a response.
const connections = 4

// closed requests one address over a few connections without a pause. Every response must be successful.
func (b *bench) closed(ctx context.Context, address string, header http.Header) (*vegeta.Metrics, error) {
	attacker := vegeta.NewAttacker(vegeta.Workers(connections), vegeta.MaxWorkers(connections), vegeta.Connections(connections))
	metrics := attack(ctx, attacker, vegeta.Rate{}, b.each, header, address)
	if metrics.Success < 1 {
		return nil, fmt.Errorf("%s: %d of %d requests failed: %v", address, failed(metrics), metrics.Requests, metrics.Errors)
	}
	return metrics, nil
}

// open requests addresses in turn at a fixed rate, however long responses take. Some may fail.
func open(ctx context.Context, rate int, each time.Duration, addresses ...string) *vegeta.Metrics {
	attacker := vegeta.NewAttacker(vegeta.MaxWorkers(2000), vegeta.Timeout(30*time.Second), vegeta.KeepAlive(false))
	return attack(ctx, attacker, vegeta.Rate{Freq: rate, Per: time.Second}, each, asBrowsers(), addresses...)
}

func attack(
	ctx context.Context, attacker *vegeta.Attacker, rate vegeta.Rate, each time.Duration, header http.Header, addresses ...string,
) *vegeta.Metrics {
	targets := make([]vegeta.Target, len(addresses))
	for i, address := range addresses {
		targets[i] = vegeta.Target{Method: http.MethodGet, URL: address, Header: header}
	}
	metrics := &vegeta.Metrics{}
	defer metrics.Close()
	answers := attacker.Attack(vegeta.NewStaticTargeter(targets...), rate, each, "")
	for {
		select {
		case answer, more := <-answers:
			if !more {
				return metrics
			}
			metrics.Add(answer)
		case <-ctx.Done():
			attacker.Stop()
			ctx = context.WithoutCancel(ctx)
		}
	}
}

// asBrowsers returns the header of a request for a compressed response, as all browsers send it. plainly asks for no compression.
func asBrowsers() http.Header { return http.Header{"Accept-Encoding": {"gzip"}} }
func plainly() http.Header    { return http.Header{"Accept-Encoding": {"identity"}} }

func failed(m *vegeta.Metrics) int { return int(float64(m.Requests)*(1-m.Success) + 0.5) }
