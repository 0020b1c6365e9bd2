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

// Attach sends input to the standard input of a running container, up to its end.
type Attach func(ctx context.Context, namespace, pod, container string, input io.Reader) error

// AttachWith returns an Attach that uses WebSockets, as kubectl does, and SPDY if the API server cannot close the input of a WebSocket.
func AttachWith(config *rest.Config) Attach {
	return func(ctx context.Context, namespace, pod, container string, input io.Reader) error {
		client, err := corev1client.NewForConfig(config)
		if err != nil {
			return err
		}
		location := client.RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("attach").
			VersionedParams(&corev1.PodAttachOptions{Container: container, Stdin: true}, scheme.ParameterCodec).URL()
		spdy, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, location)
		if err != nil {
			return err
		}
		webSocket, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, location.String())
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
