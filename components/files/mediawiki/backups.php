<?php
// Lists the backups that there are, here and elsewhere, the newest first.
declare( strict_types=1 );
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/remote.php';
require __DIR__ . '/archive.php';

run( 'The backups cannot be listed: ', static function (): void {
	$paths = glob( Archive::ROOT . '/*', GLOB_ONLYDIR );
	usort( $paths, static fn ( $a, $b ) => filemtime( $b ) <=> filemtime( $a ) );
	foreach ( $paths as $path ) {
		if ( is_file( "$path/manifest.json" ) ) {
			echo Archive::open( $path ), "\n";
		}
	}
	if ( !$paths ) {
		echo "no backup yet\n";
	}
	if ( $remote = Remote::ours() ) {
		echo "at $remote: ", implode( ', ', array_reverse( $remote->names() ) ) ?: 'none', "\n";
	}
} );
