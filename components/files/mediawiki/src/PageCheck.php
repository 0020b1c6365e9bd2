<?php
declare( strict_types=1 );

/** Renders pages with PHP's own web server, before any reader asks for one. */
class PageCheck {
	private const ADDRESS = '127.0.0.1:8090';
	private const LOG = '/tmp/page.log';

	/**
	 * Renders pages with the entry points and settings that readers will use, and again with their classes preloaded.
	 *
	 * @throws PermanentFailure if MediaWiki does not answer with a page
	 */
	public static function run(): void {
		PreloadList::begin();
		self::render( [ 'MEDIAWIKI_USED' => PreloadList::USED ] );
		$files = PreloadList::write();
		try {
			self::render();
			Console::say( "rendered pages with $files preloaded files" );
		} catch ( PermanentFailure $e ) {
			PreloadList::discard();
			Console::say( "no files are preloaded, because: {$e->getMessage()}" );
		}
	}

	private static function render( array $environment = [] ): void {
		$server = proc_open(
			[ PHP_BINARY, '-S', self::ADDRESS, '-t', Wiki::ROOT ],
			[ 1 => [ 'file', self::LOG, 'w' ], 2 => [ 'redirect', 1 ] ], $pipes, null, $environment + getenv()
		);
		try {
			self::page( '/index.php?title=Special:UserLogin', '</html>' );
			self::page( '/api.php?action=query&meta=siteinfo&format=json', '{' );
			// The wiki's root redirects to its main page, or on a private wiki to the login page.
			$first = self::page( '/index.php', '</html>' );
			if ( $first !== null ) {
				self::page( self::byTitle( $first ), '</html>' );
			}
		} finally {
			proc_terminate( $server );
			proc_close( $server );
		}
	}

	/**
	 * Requests a page, and returns the path that it redirects to, if it does. A status of 404 is accepted: editors may have deleted
	 * or moved the main page, or it may have another name in another language; the answer is still a whole page.
	 */
	private static function page( string $path, string $text ): ?string {
		$context = stream_context_create( [ 'http' => [ 'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 120 ] ] );
		$address = 'http://' . self::ADDRESS . $path;
		for ( $tries = 0; ( $page = @file_get_contents( $address, false, $context ) ) === false && $tries < 600; $tries++ ) {
			usleep( 100_000 );
		}
		$status = (int)explode( ' ', $http_response_header[0] ?? ' 0' )[1];
		if ( $status >= 301 && $status <= 303 ) {
			preg_match( '#^Location: \w+://[^/]+(/.*)#mi', implode( "\n", $http_response_header ), $target );
			return isset( $target[1] ) ? trim( $target[1] ) : null;
		}
		if ( !in_array( $status, [ 200, 401, 403, 404 ], true ) || !str_contains( $page, $text ) ) {
			$log = substr( (string)file_get_contents( self::LOG ), -1500 );
			throw new PermanentFailure( "the wiki does not render a page with these settings:\n$path: status $status\n$log"
				. strip_tags( substr( (string)$page, 0, 1000 ) ) );
		}
		return null;
	}

	/** Returns another path of a page: PHP's web server takes a path with a dot in it for a file. */
	private static function byTitle( string $path ): string {
		return preg_replace_callback(
			'#^/wiki/([^?]+)$#', static fn ( $found ) => '/index.php?title=' . rawurlencode( rawurldecode( $found[1] ) ), $path );
	}
}
