<?php
// Checks that an import may replace this wiki, before anything is read and sent.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Import refused: ', static function (): void {
	$database = DatabaseWait::connect( 60 );
	$notes = new Notes( $database );
	$notes->create();
	( new Restore( new Wiki(), $database, $notes, new BackupVolume() ) )->checkEmpty();
} );
