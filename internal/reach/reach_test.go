package reach_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/apimachinery/pkg/util/httpstream/spdy"
	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"
	"k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/util/exec"

	"github.com/mediawiki-stack/mediawiki-stack/internal/reach"
)

// What an API server says of a command that prints a line and fails.
const (
	line   = "the soup is cold\n"
	status = `{"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}`
)

// A command's output could be lost when both of its streams were written to one buffer at the same time; hence the repetition.
func TestExecReturnsAllThatACommandPrints(t *testing.T) {
	for name, speak := range map[string]func(t *testing.T, w http.ResponseWriter, r *http.Request){
		"over WebSockets":                    webSocket,
		"through a proxy without WebSockets": overSPDY,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { speak(t, w, r) }))
			defer server.Close()
			pod := reach.Pod{Config: &rest.Config{Host: server.URL}, Namespace: "wiki", Name: "web-0"}
			for range 20 {
				stdout, stderr, err := pod.Exec(t.Context(), "web", nil, "cook")
				var ended exec.CodeExitError
				require.ErrorAs(t, err, &ended)
				assert.Equal(t, 3, ended.Code)
				assert.Equal(t, line, stdout)
				assert.Empty(t, stderr)
			}
		})
	}
}

func webSocket(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{remotecommand.StreamProtocolV5Name: {
		Binary: true,
		Channels: []wsstream.ChannelType{
			wsstream.ReadChannel, wsstream.WriteChannel, wsstream.WriteChannel, wsstream.WriteChannel, wsstream.ReadChannel,
		},
	}})
	_, streams, err := conn.Open(w, r)
	if !assert.NoError(t, err) {
		return
	}
	for channel, text := range map[int]string{1: line, 3: status} {
		answer(t, streams[channel], text)
	}
	assert.NoError(t, conn.Close())
}

// answer writes a text and closes the stream. A client that has read what it wants may have closed the connection.
func answer(t *testing.T, stream io.WriteCloser, text string) {
	t.Helper()
	if _, err := io.WriteString(stream, text); err != nil {
		t.Errorf("writing %q: %v", text, err)
	}
	_ = stream.Close()
}

func overSPDY(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	connection, opened := upgrade(t, w, r, remotecommand.StreamProtocolV4Name, 3)
	if connection == nil {
		return
	}
	defer func() { _ = connection.Close() }()
	streams := byType(opened, 3)
	answer(t, streams[corev1.StreamTypeStdout], line)
	answer(t, streams[corev1.StreamTypeStderr], "")
	answer(t, streams[corev1.StreamTypeError], status)
	<-connection.CloseChan()
}

// upgrade accepts a connection over SPDY with so many streams, and refuses WebSockets, as a proxy may. It returns nil if it has refused.
func upgrade(
	t *testing.T, w http.ResponseWriter, r *http.Request, protocol string, streams int,
) (httpstream.Connection, <-chan httpstream.Stream) {
	t.Helper()
	if wsstream.IsWebSocketRequest(r) {
		http.Error(w, "no WebSockets here", http.StatusBadGateway)
		return nil, nil
	}
	if _, err := httpstream.Handshake(r, w, []string{protocol}); !assert.NoError(t, err) {
		return nil, nil
	}
	opened := make(chan httpstream.Stream, streams)
	connection := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(stream httpstream.Stream, _ <-chan struct{}) error {
		opened <- stream
		return nil
	})
	assert.NotNil(t, connection)
	return connection, opened
}

func byType(opened <-chan httpstream.Stream, count int) map[string]httpstream.Stream {
	streams := map[string]httpstream.Stream{}
	for range count {
		stream := <-opened
		streams[stream.Headers().Get(corev1.StreamType)] = stream
	}
	return streams
}

func TestGetReturnsWhatAPortAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { port(t, w, r) }))
	defer server.Close()
	pod := reach.Pod{Config: &rest.Config{Host: server.URL}, Namespace: "wiki", Name: "web-0"}

	body, err := pod.Get(t.Context(), 8081, "/metrics?all")
	require.NoError(t, err)
	assert.Equal(t, "asked for /metrics?all", string(body))

	body, err = pod.Get(t.Context(), 8081, "/cold")
	require.EqualError(t, err, "port 8081 of Pod web-0: 503 Service Unavailable")
	assert.Equal(t, "asked for /cold", string(body))

	_, err = pod.Get(t.Context(), 1, "/metrics")
	require.EqualError(t, err, "port 1 of Pod web-0: connection refused")
}

func TestGetDoesNotWaitForALostNode(t *testing.T) {
	lost := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-lost }))
	defer server.Close()
	defer close(lost)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/10)
	defer cancel()
	_, err := reach.Pod{Config: &rest.Config{Host: server.URL}, Namespace: "wiki", Name: "web-0"}.Get(ctx, 8081, "/metrics")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// port forwards to a Pod that answers at port 8081, over SPDY only.
func port(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	connection, opened := upgrade(t, w, r, portforward.PortForwardProtocolV1Name, 2)
	if connection == nil {
		return
	}
	defer func() { _ = connection.Close() }()
	streams := byType(opened, 2)
	data, failure := streams[corev1.StreamTypeData], streams[corev1.StreamTypeError]
	if data.Headers().Get(corev1.PortHeader) != "8081" {
		answer(t, failure, "connection refused")
		answer(t, data, "")
	} else if request, err := http.ReadRequest(bufio.NewReader(data)); assert.NoError(t, err) {
		status := "200 OK"
		if request.URL.Path == "/cold" {
			status = "503 Service Unavailable"
		}
		answer(t, failure, "")
		answer(t, data, "HTTP/1.1 "+status+"\r\nConnection: close\r\n\r\nasked for "+request.RequestURI)
	}
	<-connection.CloseChan()
}
