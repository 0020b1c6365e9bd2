package operate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"
	"k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

// A command's output could be lost when both of its streams were written to one buffer at the same time; hence the repetition.
func TestExecReturnsAllThatACommandPrints(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		for channel, text := range map[int]string{
			1: "the soup is cold\n",
			3: `{"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}`,
		} {
			_, err := io.WriteString(streams[channel], text)
			assert.NoError(t, err)
		}
		assert.NoError(t, conn.Close())
	}))
	defer server.Close()
	exec := operate.ExecWith(&rest.Config{Host: server.URL})
	for range 20 {
		printed, status, err := exec(t.Context(), theNamespace, "web-0", "web", "cook")
		require.NoError(t, err)
		assert.Equal(t, "the soup is cold", printed)
		assert.Equal(t, 3, status)
	}
}
