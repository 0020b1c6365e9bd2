<?php
declare( strict_types=1 );

/** The approval of a revision, which the Pods of that revision wait for. */
class Revision {
	/**
	 * Tells whether this migration, with the code that it has now, has approved the revision. Changed code repeats the migration; the
	 * approval that Pods rely on stays in the meantime.
	 */
	public static function isDone( Notes $notes, Wiki $wiki ): bool {
		return $notes->isApproved( $wiki->revision ) && $notes->get( "revision:{$wiki->revision}" ) === self::approval( $wiki );
	}

	/** Lets Pods of the revision start. */
	public static function approve( Notes $notes, Wiki $wiki, Namespaces $names ): void {
		RevisionFiles::store( $notes, $wiki->revision );
		$names->store();
		$notes->set( "revision:{$wiki->revision}", self::approval( $wiki ) );
	}

	private static function approval( Wiki $wiki ): string {
		return "{$wiki->version} " . getenv( 'MEDIAWIKI_MIGRATION' );
	}
}
