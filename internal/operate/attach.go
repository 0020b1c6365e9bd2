package operate

import (
	"context"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// Attach gives a running container what it reads from its standard input, until all is read.
type Attach func(ctx context.Context, namespace, pod, container string, input io.Reader) error

// AttachWith attaches as kubectl does: by WebSocket, and where the API server does not know how to end a stream of it, by SPDY.
func AttachWith(config *rest.Config) Attach {
	return func(ctx context.Context, namespace, pod, container string, input io.Reader) error {
		client, err := corev1client.NewForConfig(config)
		if err != nil {
			return err
		}
		to := client.RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("attach").
			VersionedParams(&corev1.PodAttachOptions{Container: container, Stdin: true}, scheme.ParameterCodec).URL()
		spdy, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, to)
		if err != nil {
			return err
		}
		webSocket, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, to.String())
		if err != nil {
			return err
		}
		executor, err := remotecommand.NewFallbackExecutor(webSocket, spdy, func(err error) bool {
			return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
		})
		if err != nil {
			return err
		}
		return executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: input})
	}
}
