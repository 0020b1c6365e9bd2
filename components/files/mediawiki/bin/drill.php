<?php
// Proves that a backup can be restored: DRILL_OF, or the newest one. It fails if the newest is damaged, after it has proven an older one.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Drill failed: ', static function (): void {
	$volume = new BackupVolume();
	$lock = $volume->lock();
	$name = (string)getenv( 'DRILL_OF' );
	$drill = new Drill( $volume, new DatabaseTools() );
	$proven = $drill->prove( $name );
	$notes = new Notes( DatabaseWait::connect( 60 ) );
	$volume->note( $notes );
	if ( !$proven ) {
		throw new PermanentFailure( $drill->reasons() );
	}
	$notes->set( 'proven', $proven->manifest['at'] );
	if ( $name === '' ) {
		$drill->checkNewest( $proven );
	}
	Console::keepMessage( "proven {$proven->name()}" ); // the preview of `pulumi destroy` reads it
} );
