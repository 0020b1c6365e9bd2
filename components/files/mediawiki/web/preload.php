<?php
// Loads the classes of pages once, when the web server starts, instead of a thousand files per request. The migration has written
// the list and rendered pages with it. Without a list, requests load what they need.
// https://www.php.net/manual/en/opcache.preloading.php
( static function () {
	// A class whose parent is not in the list causes a warning, and is loaded when it is used.
	error_reporting( 0 );
	$list = '/tmp/preload';
	foreach ( is_file( $list ) ? file( $list, FILE_IGNORE_NEW_LINES ) : [] as $file ) {
		opcache_compile_file( $file );
	}
} )();
