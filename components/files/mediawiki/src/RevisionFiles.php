<?php
declare( strict_types=1 );

/**
 * Files that the migration makes for a revision: which classes to preload, and the names of namespaces. Notes in the database carry
 * them to the Pods of that revision.
 */
class RevisionFiles {
	/** The list of files that preload.php loads. */
	public const PRELOAD = '/tmp/preload';
	/** The names that LocalSettings.php sets. */
	public const NAMESPACES = '/tmp/namespaces.json';

	/** Notes the files of this container. */
	public static function store( Notes $notes, string $revision ): void {
		// A note holds 64 kB.
		$notes->set( "preload:$revision", is_file( self::PRELOAD ) ? gzcompress( file_get_contents( self::PRELOAD ) ) : '' );
		$notes->set( "namespaces:$revision", file_get_contents( self::NAMESPACES ) );
	}

	/** Writes the noted files to this container. */
	public static function fetch( Notes $notes, string $revision ): void {
		$preload = (string)$notes->get( "preload:$revision" );
		if ( $preload !== '' ) {
			file_put_contents( self::PRELOAD, gzuncompress( $preload ) );
		}
		$namespaces = (string)$notes->get( "namespaces:$revision" );
		if ( $namespaces !== '' ) {
			file_put_contents( self::NAMESPACES, $namespaces );
		}
	}
}
