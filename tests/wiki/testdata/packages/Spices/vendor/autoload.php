<?php
spl_autoload_register( static function ( $class ) {
	if ( $class === 'Example\Spice' ) {
		require __DIR__ . '/spice/Spice.php';
	}
} );
