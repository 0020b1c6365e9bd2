<?php
// Replaces the wiki's contents by the backup RESTORE_FROM, or by the newest one.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Restore failed: ', static function (): void {
	$volume = new BackupVolume();
	$lock = $volume->lock();
	$archive = ( new BackupFinder( $volume, Repository::fromEnvironment() ) )->findWhole( (string)getenv( 'RESTORE_FROM' ) );
	$database = DatabaseWait::connect();
	MigrationLock::acquire( $database );
	$notes = new Notes( $database );
	$notes->create();
	$restore = new Restore( new Wiki(), $database, $notes, $volume );
	$restore->check( $archive );
	try {
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		throw new PermanentFailure( Console::reason( $e ) . ( $restore->isInterrupted()
			? "\nThe wiki is closed until a restore succeeds: fix this and run the restore again. The backup before-restore-… has "
				. 'the contents from before.' : '' ) );
	}
	Console::say( "restored $archive" );
} );
