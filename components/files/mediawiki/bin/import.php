<?php
// Replaces an empty wiki by one that ran elsewhere, see Import: turns it into a backup, and restores that.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Import failed: ', static function (): void {
	$wiki = new Wiki();
	$volume = new BackupVolume();
	$lock = $volume->lock();
	$database = DatabaseWait::connect();
	MigrationLock::acquire( $database );
	$notes = new Notes( $database );
	$notes->create();
	$restore = new Restore( $wiki, $database, $notes, $volume );
	$restore->checkEmpty();
	$archive = ( new Import( $wiki, $volume ) )->createBackup( $notes->get( 'wiki' ) ?? bin2hex( random_bytes( 8 ) ) );
	try {
		MigrationLock::assertHeld( $database );
		$restore->check( $archive );
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		throw new PermanentFailure( Console::reason( $e ) . ( $restore->isInterrupted()
			? "\nThe wiki is closed until an import or a restore succeeds: fix this and run the import again." : '' ) );
	} finally {
		$archive->delete(); // the original is where it was imported from
	}
	Console::say( "done: $archive" );
	$missing = ( new Uploads() )->missing( $database );
	if ( $missing ) {
		Console::say( count( $missing ) . ' files that pages can show are missing from the uploads: '
			. implode( ', ', array_slice( $missing, 0, 10 ) ) );
	}
} );
