package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPlainProgressSaysWhatAndHowLong(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, `^\[2/6\] tool v1 …\n\[2/6\] tool v1 0\.0s\n$`},
		{errors.New("x"), `^\[2/6\] tool v1 …\n\[2/6\] tool v1 failed after 0\.0s\n$`},
	} {
		var out bytes.Buffer
		startStep(&out, "[2/6] tool v1").finish(c.err)
		if !regexp.MustCompile(c.want).MatchString(out.String()) {
			t.Errorf("got %q, want %s", out.String(), c.want)
		}
	}
}

func TestTerminalProgressStaysOnOneLine(t *testing.T) {
	var out bytes.Buffer
	s := step{out: &out, title: "[2/6] tool v1", terminal: true}
	if _, err := s.Write([]byte("first\n" + strings.Repeat("k8s.io/", 20) + "\n")); err != nil {
		t.Fatal(err)
	}
	s.show("… 6m22s" + s.detail())
	line := strings.TrimPrefix(out.String(), "\r\x1b[K")
	n := len([]rune(line))
	if n > terminalWidth || strings.Contains(line, "\n") || !strings.HasPrefix(line, "[2/6] tool v1 … 6m22s  k8s.io/") {
		t.Errorf("%d characters: %q", n, line)
	}
}

func TestElapsedIsWrittenAsPeopleSayIt(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond:         "0.4s",
		40 * time.Second:               "40s",
		6*time.Minute + 22*time.Second: "6m22s",
	} {
		if got := elapsed(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
