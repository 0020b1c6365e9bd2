package engine

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// recorder receives the engine events of one command. A command with a preview sends two streams: the preview's and the operation's.
type recorder struct {
	pulumirpc.UnimplementedEventsServer

	server  *grpc.Server
	address string // value for --event-log

	mutex   sync.Mutex
	streams []string // each is a sequence of JSON values
}

// newRecorder listens on a loopback port until stop is called.
func newRecorder() (*recorder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // does not block
	if err != nil {
		return nil, err
	}
	r := &recorder{server: grpc.NewServer(), address: "tcp://" + listener.Addr().String()}
	pulumirpc.RegisterEventsServer(r.server, r)
	go func() {
		if err := r.server.Serve(listener); err != nil {
			panic(fmt.Errorf("serving the event log: %w", err)) // stop makes it return nil
		}
	}()
	return r, nil
}

// StreamEvents records a stream until it ends, even if the command is killed.
func (r *recorder) StreamEvents(stream grpc.ClientStreamingServer[pulumirpc.EventRequest, emptypb.Empty]) error {
	r.mutex.Lock()
	number := len(r.streams)
	r.streams = append(r.streams, "")
	r.mutex.Unlock()
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&emptypb.Empty{})
		}
		if err != nil {
			return err
		}
		r.mutex.Lock()
		r.streams[number] += request.GetEvent()
		r.mutex.Unlock()
	}
}

// stop waits for the end of each stream and returns the streams.
func (r *recorder) stop() []string {
	r.server.GracefulStop()
	return r.streams
}
