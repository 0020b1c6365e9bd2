<?php
// Lists the backups on the volume and the copies in the repository, newest first, and what is damaged.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Cannot list the backups: ', static function (): void {
	$volume = new BackupVolume();
	$damaged = $volume->damaged();
	$archives = $volume->matching( '*' );
	foreach ( $archives as $archive ) {
		echo $archive, $archive->isFromTheFuture() ? ' (named in the future: the clock was wrong when it was made)' : '', "\n";
	}
	foreach ( $damaged as $reason ) {
		echo "$reason\n";
	}
	if ( !$archives && !$damaged ) {
		echo "no backup yet\n";
	}
	$repository = Repository::fromEnvironment();
	if ( $repository ) {
		echo "at $repository: ", implode( ', ', array_column( $repository->copies(), 'name' ) ) ?: 'none', "\n";
	}
} );
