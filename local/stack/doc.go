// Command mediawiki-stack runs pulumi for a stack of this project on the embedded cluster, and leaves the checkout as it is.
//
// A stack's Pulumi.STACK.yaml says where it really belongs: a Raspberry Pi, say. Here it is tried on the embedded cluster instead, so
// pulumi runs in a folder of the user's data, where the project file names the compiled program and the stack's file is the checkout's
// with the cluster's kubeconfig and images, and with secrets that are made once and kept:
//
//	$XDG_DATA_HOME/mediawiki-stack/stacks/CLUSTER/STACK/    0700
//	    Pulumi.yaml         the checkout's, with the program's binary
//	    Pulumi.STACK.yaml   the checkout's, with the overrides, the secrets and the salt they are encrypted with
//	    passphrase          made once, 0600
//	    state/              Pulumi's file backend
//	    tmp/                what Pulumi and its provider leave behind
//
// Both files are written anew at each run, so a change in the checkout takes effect; only what is secret is carried over.
package main
