package storage

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"net"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// SFTP is a server that accepts one private key.
type SFTP struct {
	Address    string // HOST:PORT
	PrivateKey string // in OpenSSH's format
	KnownHosts string
	Folder     string // initial folder of a session, on this machine
}

// NewSFTP starts a server that runs until the test ends.
func NewSFTP(t *testing.T, cluster *rest.Config) *SFTP {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	host, user := newSigner(t), signerOf(t, private)

	listener := node.Listen(t, cluster)
	s := &SFTP{
		Address: listener.Addr().String(), PrivateKey: string(pem.EncodeToMemory(block)), Folder: t.TempDir(),
		KnownHosts: knownhosts.Line([]string{listener.Addr().String()}, host.PublicKey()),
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if !bytes.Equal(key.Marshal(), user.PublicKey().Marshal()) {
			return nil, errors.New("this key is not accepted")
		}
		return nil, nil
	}}
	config.AddHostKey(host)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				assert.ErrorIs(t, err, net.ErrClosed)
				return
			}
			go s.serve(connection, config)
		}
	}()
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	return s
}

// serve handles one connection until the client disconnects. A client that is refused reports the error itself.
func (s *SFTP) serve(connection net.Conn, config *ssh.ServerConfig) {
	defer connection.Close() //nolint:errcheck // the client has disconnected
	_, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offer := range channels {
		channel, requests, err := offer.Accept()
		if err != nil {
			return
		}
		go func() {
			for request := range requests {
				isSFTP := request.Type == "subsystem" && string(request.Payload[4:]) == "sftp" // the name follows its length
				if request.Reply(isSFTP, nil) == nil && isSFTP {
					go s.session(channel)
				}
			}
		}()
	}
}

func (s *SFTP) session(channel ssh.Channel) {
	defer channel.Close() //nolint:errcheck // the client has disconnected
	server, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(s.Folder))
	if err == nil {
		_ = server.Serve() // returns when the client disconnects
	}
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return signerOf(t, private)
}

func signerOf(t *testing.T, private ed25519.PrivateKey) ssh.Signer {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return signer
}
