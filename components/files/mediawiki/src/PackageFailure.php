<?php
declare( strict_types=1 );

/**
 * The reason why packages cannot be used. The init container notes it for the program in the main container, because Pulumi's provider
 * shows only why main containers have failed.
 */
class PackageFailure {
	/** On a volume of the Pod. */
	private const FILE = '/tmp/package-failure';

	public static function note( string $reason ): void {
		file_put_contents( self::FILE, $reason );
	}

	/** Fails if packages cannot be used. */
	public static function check(): void {
		if ( is_file( self::FILE ) ) {
			throw new PermanentFailure( file_get_contents( self::FILE ) );
		}
	}
}
