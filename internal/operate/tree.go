package operate

import (
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// node is a file of an archive as it would be if the archive were unpacked.
type node struct {
	parent   *node
	children map[string]*node // of a folder
	target   string           // of a symbolic link
	odd      string           // what it is if it is none of these and no file
	content
}

// content is what a file holds.
type content struct {
	size     int64
	modified time.Time
	entry    int                           // which entry of a tar has it
	open     func() (io.ReadCloser, error) // nil for a tar, which is read from its beginning
}

// clean returns the path of an archive's member as tar unpacks it: without what leads out of the folder that it is unpacked in.
func clean(name string) string {
	var kept []string
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			kept = kept[:0]
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "/")
}

// put puts a file where its name says, in the place of one that is there.
func (n *node) put(name string, file *node) {
	folder := n
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if part == "." {
			continue
		}
		next := folder.children[part]
		if next == nil || next.children == nil {
			next = &node{parent: folder, children: map[string]*node{}}
			folder.children[part] = next
		}
		folder = next
	}
	file.parent = folder
	folder.children[path.Base(name)] = file
}

// mkdir makes a folder unless there is one.
func (n *node) mkdir(name string) {
	if there := n.find(name, 0); name != "" && (there == nil || there.children == nil) {
		n.put(name, &node{children: map[string]*node{}})
	}
}

// find returns what is at a path from a folder, after following symbolic links; nil if nothing is.
func (n *node) find(name string, links int) *node {
	const enough = 40 // as Linux has it
	at := n
	if strings.HasPrefix(name, "/") {
		for at.parent != nil {
			at = at.parent
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
			continue
		case "..":
			at = at.parent
		default:
			at = at.children[part]
		}
		if at != nil && at.target != "" {
			if links++; links > enough {
				return nil
			}
			at = at.parent.find(at.target, links)
		}
		if at == nil {
			return nil
		}
	}
	return at
}

// walk visits all files below a folder, as if symbolic links were what they lead to. above are the folders that it is in.
func (n *node) walk(prefix string, above []*node, to *listing) {
	above = append(above, n)
	for name, child := range sorted(n.children) {
		at, file := prefix+name, child
		if child.target != "" {
			if file = n.find(name, 0); file == nil {
				to.lose(at, "is a symbolic link to "+child.target+", which is not in it")
				continue
			}
		}
		switch {
		case file.children != nil && slices.Contains(above, file):
			to.leaveOut(at, "links that lead back to a folder that they are in")
		case file.children != nil:
			file.walk(at+"/", above, to)
		case file.odd != "":
			to.leaveOut(at, file.odd)
		default:
			to.files = append(to.files, upload{name: at, content: file.content})
		}
	}
}
