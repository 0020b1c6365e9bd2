// Command mediawiki-stack runs pulumi for a stack of this project on the embedded cluster. It leaves the checkout as it is, except that
// "config set" and "config rm" change plain settings in the stack's Pulumi.STACK.yaml.
//
// A stack's Pulumi.STACK.yaml says where the stack belongs, such as on a Raspberry Pi. This command runs it on the embedded cluster
// instead: pulumi runs in a folder of the user's data, where the project file names the compiled program, and the stack's file is the
// checkout's with the embedded cluster's kubeconfig and images and with secrets that are generated once and kept:
//
//	$XDG_DATA_HOME/mediawiki-stack/stacks/CLUSTER/STACK/    0700
//	    Pulumi.yaml         the checkout's, with the program's binary
//	    Pulumi.STACK.yaml   the checkout's, with the overrides, the secrets and the salt they are encrypted with
//	    passphrase          generated once, 0600
//	    lock                held by the command that prepares the stack
//	    state/              Pulumi's file backend
//	    tmp/                temporary files of Pulumi and its provider
//	    …                   links to the files of the checkout that settings name, such as a logo
//
// Both files are written again at each run, so that a change in the checkout takes effect; only secrets are carried over.
package main
