<?php
// Lists the backups that there are, here and elsewhere, the one that was made last first.
declare( strict_types=1 );
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/remote.php';
require __DIR__ . '/archive.php';

run( 'The backups cannot be listed: ', static function (): void {
	$archives = Archive::of( '*' );
	foreach ( $archives as $archive ) {
		echo $archive, $archive->isFromTheFuture() ? ' (named in the future: the clock was wrong when it was made)' : '', "\n";
	}
	if ( !$archives ) {
		echo "no backup yet\n";
	}
	if ( $remote = Remote::ours() ) {
		echo "at $remote: ", implode( ', ', array_column( $remote->copies(), 'name' ) ) ?: 'none', "\n";
	}
} );
