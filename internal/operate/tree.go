package operate

import (
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// node is a file of an archive in the tree that unpacking would create.
type node struct {
	parent   *node
	children map[string]*node // of a directory
	target   string           // of a symbolic link
	special  string           // description of a node that is neither of these nor a file
	content
}

// content is the content of a file.
type content struct {
	size     int64
	modified time.Time
	entry    int                           // number of the entry in a tar
	open     func() (io.ReadCloser, error) // nil for a tar, which is read sequentially
}

// clean returns the path at which tar unpacks a member of an archive, which is always below the current directory.
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

// put adds a file at the path in its name. It replaces a file that exists at that path.
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

// mkdir adds a directory if it does not exist.
func (n *node) mkdir(name string) {
	if existing := n.find(name, 0); name != "" && (existing == nil || existing.children == nil) {
		n.put(name, &node{children: map[string]*node{}})
	}
}

// find returns the node at a path relative to a directory, following symbolic links, or nil.
func (n *node) find(name string, links int) *node {
	const maxLinks = 40 // the limit of Linux
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
			if links++; links > maxLinks {
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

// walk lists all files below a directory, following symbolic links. parents are the directories that contain it.
func (n *node) walk(prefix string, parents []*node, found *listing) {
	parents = append(parents, n)
	for name, child := range sorted(n.children) {
		at, file := prefix+name, child
		if child.target != "" {
			if file = n.find(name, 0); file == nil {
				found.addUnreadable(at, "is a symbolic link to "+child.target+", which is not in the archive")
				continue
			}
		}
		switch {
		case file.children != nil && slices.Contains(parents, file):
			found.omit(at, "a link to a directory that contains it")
		case file.children != nil:
			file.walk(at+"/", parents, found)
		case file.special != "":
			found.omit(at, file.special)
		default:
			found.files = append(found.files, upload{name: at, content: file.content})
		}
	}
}
