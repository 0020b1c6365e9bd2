<?php
// Puts the backup RESTORE_FROM, or the newest one, in the place of what the wiki has.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/remote.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/namespaces.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/editing.php';
require __DIR__ . '/archive.php';
require __DIR__ . '/take.php';
require __DIR__ . '/caches.php';
require __DIR__ . '/restoring.php';

run( 'The restore failed: ', static function (): void {
	$wiki = new Wiki();
	$held = Archive::hold();
	$archive = findBackup( (string)getenv( 'RESTORE_FROM' ) );
	$database = patientlyConnected();
	lock( $database );
	$notes = new Notes( $database );
	$notes->make();
	$restore = new Restore( $wiki, $database, $notes, new Tools() );
	$restore->check( $archive );
	try {
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		throw new Refusal( $e->getMessage() . ( $restore->interrupted()
			? "\nThe wiki is closed until a restore ends well: fix this and run it again. before-restore-… has what there was." : '' ) );
	}
	say( "restored $archive" );
} );
