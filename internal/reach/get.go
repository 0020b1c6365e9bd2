package reach

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// Get requests a path from a port of the Pod. If the status is an error, it returns the body together with the error.
func (p Pod) Get(ctx context.Context, port int, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Close = true
	connection, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Close()                                          //nolint:errcheck // the answer has been read
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })() // nobody waits for the answer any more
	body, err := exchange(connection, port, request)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return body, fmt.Errorf("port %d of Pod %s: %w", port, p.Name, err)
	}
	return body, nil
}

// connect connects to the Pod's network. An API server may take half a minute to find that a node is lost.
func (p Pod) connect(ctx context.Context) (httpstream.Connection, error) {
	dialer, err := p.dialer()
	if err != nil {
		return nil, err
	}
	type result struct {
		connection httpstream.Connection
		err        error
	}
	dialed := make(chan result, 1)
	go func() {
		connection, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		dialed <- result{connection, err}
	}()
	select {
	case r := <-dialed:
		return r.connection, r.err
	case <-ctx.Done():
		go func() {
			if r := <-dialed; r.err == nil {
				_ = r.connection.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// dialer returns a dialer that connects to ports of the Pod.
func (p Pod) dialer() (httpstream.Dialer, error) {
	address, err := p.address("portforward", &corev1.PodPortForwardOptions{})
	if err != nil {
		return nil, err
	}
	transport, upgrader, err := spdy.RoundTripperFor(p.Config)
	if err != nil {
		return nil, err
	}
	webSocket, err := portforward.NewSPDYOverWebsocketDialer(address, p.Config)
	if err != nil {
		return nil, err
	}
	plain := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address)
	return portforward.NewFallbackDialer(webSocket, plain, withoutWebSockets), nil
}

// exchange sends a request to a port and reads the answer.
func exchange(connection httpstream.Connection, port int, request *http.Request) ([]byte, error) {
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	failure, err := connection.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	if err := failure.Close(); err != nil { // for writing
		return nil, err
	}
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := connection.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	if err := request.Write(data); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(bufio.NewReader(data), request)
	if err != nil {
		if reason, _ := io.ReadAll(failure); len(reason) > 0 {
			return nil, fmt.Errorf("%s", reason)
		}
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s", response.Status)
	}
	return body, err
}
