<?php
// Checks the extensions and skins that are not in the image, and stores archives on their volume, before the program in the main container
// starts. That program reports what is wrong.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'packages: ', static fn () => ( new Packages( new PackageStore() ) )->run() );
