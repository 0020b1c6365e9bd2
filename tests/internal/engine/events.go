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

// recorder receives the events of one command. A command that previews first sends two streams: the preview's, then the operation's.
type recorder struct {
	pulumirpc.UnimplementedEventsServer

	server  *grpc.Server
	address string // as --event-log takes it

	mutex   sync.Mutex
	streams []string // JSON values, one after the other
}

// newRecorder listens on a port of the loopback interface until its stop is called.
func newRecorder() (*recorder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait for anything
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

// StreamEvents records a stream to its end, even if the command is killed in the middle of it.
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

// stop returns the streams once each of them has ended.
func (r *recorder) stop() []string {
	r.server.GracefulStop()
	return r.streams
}
