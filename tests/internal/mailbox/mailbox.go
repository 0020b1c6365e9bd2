// Package mailbox is an SMTP server at an address that Pods can reach: https://www.rfc-editor.org/rfc/rfc5321
package mailbox

import (
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// Refusal is the reply to MAIL while the server refuses mail.
const Refusal = "550 No mail of soups is taken here"

// Mailbox keeps all messages that it receives.
type Mailbox struct {
	Host string
	Port int

	refuses  atomic.Bool
	mu       sync.Mutex
	messages []string
}

// New starts a server that runs until the test ends.
func New(t *testing.T, cluster *rest.Config) *Mailbox {
	t.Helper()
	listener := node.Listen(t, cluster)
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	m := &Mailbox{Host: host}
	m.Port, err = strconv.Atoi(port)
	require.NoError(t, err)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				assert.ErrorIs(t, err, net.ErrClosed)
				return
			}
			go m.serve(textproto.NewConn(connection))
		}
	}()
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	return m
}

// Refuse makes the server refuse or accept mail.
func (m *Mailbox) Refuse(refuse bool) { m.refuses.Store(refuse) }

// Messages returns the received messages with their headers.
func (m *Mailbox) Messages() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.messages...)
}

// serve talks to a client until it disconnects. If a reply cannot be sent, the next read fails.
func (m *Mailbox) serve(client *textproto.Conn) {
	defer client.Close() //nolint:errcheck // nothing more is sent
	reply, err := "220 mailbox", error(nil)
	for err == nil {
		if err = client.PrintfLine("%s", reply); err == nil {
			reply, err = m.reply(client)
		}
	}
}

var errGone = errors.New("the client disconnected")

func (m *Mailbox) reply(client *textproto.Conn) (string, error) {
	line, err := client.ReadLine()
	if err != nil {
		return "", err
	}
	switch command, _, _ := strings.Cut(strings.ToUpper(line), " "); {
	case command == "QUIT":
		return "", errors.Join(errGone, client.PrintfLine("221 bye"))
	case command == "MAIL" && m.refuses.Load():
		return Refusal, nil
	case command == "DATA":
		if err := client.PrintfLine("354 go on"); err != nil {
			return "", err
		}
		lines, err := client.ReadDotLines()
		m.mu.Lock()
		defer m.mu.Unlock()
		m.messages = append(m.messages, strings.Join(lines, "\n"))
		return "250 kept", err
	}
	return "250 ok", nil
}
