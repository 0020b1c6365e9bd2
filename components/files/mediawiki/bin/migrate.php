<?php
// Installs or upgrades the wiki, and lets Pods of the new revision start.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Migration failed and no Pod was changed: ', static fn () => ( new Migration( new Wiki() ) )->run() );
