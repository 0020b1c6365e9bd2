<?php
// Has PHP load the classes that pages are made of once, when the web server starts, instead of a thousand files at each request. Their
// list is the migration's, which saw pages rendered with it; without one, requests load what they need.
// https://www.php.net/manual/en/opcache.preloading.php
( static function () {
	// A class whose parent is not in the list says so, and is loaded when it is asked for.
	error_reporting( 0 );
	$list = '/tmp/preload';
	foreach ( is_file( $list ) ? file( $list, FILE_IGNORE_NEW_LINES ) : [] as $file ) {
		opcache_compile_file( $file );
	}
} )();
