package storage

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"mediawiki-stack/tests/internal/node"
	"mediawiki-stack/tests/internal/secret"
)

// S3 is a server that keeps everything in memory until the test ends.
type S3 struct {
	URL         string
	Bucket      string
	Key, Secret string

	backend *s3mem.Backend
	away    atomic.Bool
}

// NewS3 starts a server with an empty bucket.
func NewS3(t *testing.T, cluster *rest.Config) *S3 {
	t.Helper()
	listener := node.Listen(t, cluster)
	s := &S3{URL: "http://" + listener.Addr().String(), Bucket: "soup", Key: "AKIDTEST", Secret: secret.New(), backend: s3mem.New()}
	require.NoError(t, s.backend.CreateBucket(t.Context(), s.Bucket))
	handler := gofakes3.New(s.backend, gofakes3.WithV4Auth(map[string]string{s.Key: s.Secret})).Server()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.away.Load() {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
		handler.ServeHTTP(w, r)
	})}
	go func() { assert.ErrorIs(t, server.Serve(listener), http.ErrServerClosed) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return s
}

// Away has the server answer nobody, or everybody again.
func (s *S3) Away(away bool) { s.away.Store(away) }

// Everything is the names and contents of all that the server keeps.
func (s *S3) Everything(ctx context.Context) (string, error) {
	var all strings.Builder
	buckets, err := s.backend.ListBuckets(ctx)
	if err != nil {
		return "", err
	}
	for _, bucket := range buckets {
		list, err := s.backend.ListBucket(ctx, bucket.Name, nil, gofakes3.ListBucketPage{})
		if err != nil {
			return "", err
		}
		for _, entry := range list.Contents {
			object, err := s.backend.GetObject(ctx, bucket.Name, entry.Key, nil)
			if err != nil {
				return "", err
			}
			all.WriteString("\n" + bucket.Name + "/" + entry.Key + "\n")
			if _, err := io.Copy(&all, object.Contents); err != nil {
				return "", errors.Join(err, object.Contents.Close())
			}
			if err := object.Contents.Close(); err != nil {
				return "", err
			}
		}
	}
	return all.String(), nil
}
